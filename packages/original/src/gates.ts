/** Where a gate lies in a matrix that holds several. Dimensions: E input, H hidden units. */
interface Block {
  readonly index: number;
  /** −1 turns the gate z of torch, which weighs the old state, into ours, which weighs the candidate. */
  readonly sign: 1 | -1;
}

/** Gates of torch's GRUCell, stacked in its rows. */
export const torchGates: Readonly<Record<'r' | 'z' | 'n', Block>> = {
  r: { index: 0, sign: 1 },
  z: { index: 1, sign: -1 },
  n: { index: 2, sign: 1 },
};

/**
 * One gate of stacked rows, transposed.
 *
 * @param values - [gates · H, E]
 * @returns [E, H], fresh.
 */
export function gateOfRows(values: Float32Array, { index, sign }: Block, units: number): Float32Array {
  const inputs = values.length / (3 * units);
  const gate = new Float32Array(inputs * units);
  for (let h = 0; h < units; h++) {
    const row = (index * units + h) * inputs;
    for (let i = 0; i < inputs; i++) gate[i * units + h] = sign * (values[row + i] ?? 0);
  }
  return gate;
}

/**
 * One gate of matrices that lie side by side.
 *
 * @param values - [rows, gates · H]
 * @returns [rows, H], fresh.
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
