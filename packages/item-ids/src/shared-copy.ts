/** A copy of an array in shared memory. */
export function sharedCopy<A extends Uint8Array | Int32Array>(
  type: new (buffer: SharedArrayBuffer) => A,
  values: A,
): A {
  const copy = new type(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}
