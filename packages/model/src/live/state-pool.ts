const CHUNK_ROWS = 1024;

/** Reusable rows of equal length, cut from chunks of memory. The pool has as many as were ever in use at once. */
export class StatePool {
  readonly #length: number;
  readonly #capacity: number;
  readonly #free: Float32Array[] = [];
  #chunk = new Float32Array();
  #used = 0;
  #rows = 0;

  /** @param capacity - the most rows held at once; not checked. */
  constructor(length: number, capacity: number) {
    this.#length = length;
    this.#capacity = capacity;
  }

  /** Bytes of all chunks. */
  get bytes(): number {
    return 4 * this.#rows * this.#length;
  }

  /** A row of zeros. */
  acquire(): Float32Array {
    return this.#free.pop()?.fill(0) ?? this.#cut();
  }

  release(row: Float32Array): void {
    this.#free.push(row);
  }

  #cut(): Float32Array {
    if (this.#used === this.#rows) {
      const rows = Math.min(CHUNK_ROWS, this.#capacity - this.#rows);
      this.#chunk = new Float32Array(rows * this.#length);
      this.#rows += rows;
    }
    const start = (this.#used++ % CHUNK_ROWS) * this.#length;
    return this.#chunk.subarray(start, start + this.#length);
  }
}
