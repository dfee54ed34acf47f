/** A view of shared memory, whose content is that of the version before. */
export type ShareArray = <A extends Float32Array | Int32Array | Uint8Array>(
  name: string,
  type: new (buffer: SharedArrayBuffer, byteOffset: number, length: number) => A,
  length: number,
) => A;

/** Room for growth: this share more than is needed. */
const SPARE = 1 / 4;

interface Place<Version> {
  readonly buffers: Map<string, SharedArrayBuffer>;
  version: Version | undefined;
}

/**
 * Shared memory in which versions take turns. A thread that receives shared memory keeps it until its next full collection,
 * because its heap does not count it: with new memory for each of 400 versions of 12 MB, a process grew by 4.8 GB.
 */
export class SharedSpace<Version> {
  readonly #places: Place<Version>[] = [];

  /**
   * Makes a version in memory that no version in use has.
   * @param inUse - versions that must stay.
   * @param make - fills every array that it asks for.
   */
  make(inUse: readonly (Version | undefined)[], make: (array: ShareArray) => Version): Version {
    const place = this.#freePlace(inUse);
    place.version = undefined;
    place.version = make((name, type, length) => {
      const bytes = length * (type as unknown as { BYTES_PER_ELEMENT: number }).BYTES_PER_ELEMENT;
      let buffer = place.buffers.get(name);
      if (!buffer || buffer.byteLength < bytes) {
        buffer = new SharedArrayBuffer(8 * Math.ceil(((1 + SPARE) * bytes) / 8));
        place.buffers.set(name, buffer);
      }
      return new type(buffer, 0, length);
    });
    return place.version;
  }

  #freePlace(inUse: readonly (Version | undefined)[]): Place<Version> {
    const free = this.#places.find(({ version }) => version === undefined || !inUse.includes(version));
    if (free) return free;
    const place = { buffers: new Map<string, SharedArrayBuffer>(), version: undefined };
    this.#places.push(place);
    return place;
  }
}
