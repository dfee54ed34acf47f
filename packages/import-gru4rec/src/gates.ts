/** A gate within a matrix of several. Dimensions: E input width, H hidden units. */
interface GateBlock {
  /** Position among the gates. */
  readonly index: number;
  /**
   * Factor for the weights. −1 turns z of torch, which weighs the old state, into ours, which weighs the candidate:
   * 1 − σ(x) = σ(−x).
   */
  readonly sign: 1 | -1;
}

/** Gates of torch's GRUCell, whose matrices stack them by rows. */
export const torchGates: Readonly<Record<'r' | 'z' | 'n', GateBlock>> = {
  r: { index: 0, sign: 1 },
  z: { index: 1, sign: -1 },
  n: { index: 2, sign: 1 },
};

/**
 * Extracts one of three gates that are stacked by rows, and transposes it.
 *
 * @param values - [3 · H, E].
 * @param units - H.
 * @returns [E, H], a new array.
 */
export function gateOfRows(values: Float32Array, { index, sign }: GateBlock, units: number): Float32Array {
  const inputs = values.length / (3 * units);
  const gate = new Float32Array(inputs * units);
  for (let h = 0; h < units; h++) {
    const row = (index * units + h) * inputs;
    for (let i = 0; i < inputs; i++) gate[i * units + h] = sign * (values[row + i] ?? 0);
  }
  return gate;
}

/**
 * Extracts one of several gates that are side by side.
 *
 * @param values - [rows, gates · H].
 * @param shape - `units` is H.
 * @returns [rows, H], a new array.
 */
export function gateOfColumns(
  values: Float32Array,
  index: number,
  shape: { readonly rows: number; readonly units: number },
): Float32Array {
  const { rows, units } = shape;
  const width = values.length / rows;
  const gate = new Float32Array(rows * units);
  for (let row = 0; row < rows; row++) {
    const start = row * width + index * units;
    gate.set(values.subarray(start, start + units), row * units);
  }
  return gate;
}
