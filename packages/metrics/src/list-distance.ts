/** A vector per item, such as the output rows of a model. Read only. */
export interface ItemVectors {
  /** [I × width], row-major. */
  readonly values: Float32Array;
  readonly width: number;
}

/** The vectors of some items at length 1, or 0, [items × width] (fresh). */
export function unitVectors(items: Int32Array, { values, width }: ItemVectors): Float64Array {
  const units = new Float64Array(items.length * width);
  for (let at = 0; at < items.length; at++) {
    const [from, to] = [items[at] * width, at * width];
    let squares = 0;
    for (let unit = 0; unit < width; unit++) squares += values[from + unit] ** 2;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let unit = 0; unit < width; unit++) units[to + unit] = values[from + unit] * scale;
  }
  return units;
}

/** The cosine of two of the items of `unitVectors`, by their places. */
export function cosine(units: Float64Array, width: number, a: number, b: number): number {
  let sum = 0;
  for (let unit = 0; unit < width; unit++) sum += units[a * width + unit] * units[b * width + unit];
  return sum;
}

/** The mean of 1 − cosine over all pairs of a list (Zhang, Hurley 2008, RecSys); 0 without pairs. */
export function intraListDistance(items: Int32Array, vectors: ItemVectors): number {
  const units = unitVectors(items, vectors);
  let [sum, pairs] = [0, 0];
  for (let a = 0; a < items.length; a++) {
    for (let b = 0; b < a; b++, pairs++) sum += 1 - cosine(units, vectors.width, a, b);
  }
  return sum / Math.max(1, pairs);
}
