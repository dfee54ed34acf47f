import type { ModelConfig, StoredTensor } from '@gru4rec/model';
import { buildTrainProgram, embeddingWidth } from '@gru4rec/model/programs';
import { type Table, tableFromIPC } from 'apache-arrow';
import { OriginalFormatError } from './parameters.ts';

/** A tensor of the authors' model, row-major float32. */
export interface OriginalTensor {
  readonly rows: number;
  readonly cols: number;
  /** A view of the file's bytes. */
  readonly values: Float32Array;
}

/** Tensors of the authors' PyTorch model, by their names in its `state_dict`. */
export interface OriginalWeights {
  /** For messages. */
  readonly file: string;
  readonly tensors: ReadonlyMap<string, OriginalTensor>;
}

const COLUMNS = ['name', 'rows', 'cols', 'values'] as const;
const MAGIC = 'ARROW1';
const ADVICE = "Write it as this package's README shows.";

/**
 * Reads an Arrow IPC file with the columns name, rows, cols and values, one row per tensor.
 * @param file - its path, for messages.
 * @param bytes - its content. It must not change while the tensors are in use, because they are views of it.
 * @throws OriginalFormatError naming the file, and the first invalid tensor.
 */
export function readOriginalWeights(file: string, bytes: Uint8Array): OriginalWeights {
  const table = openTable(file, bytes);
  const tensors = new Map<string, OriginalTensor>();
  for (let row = 0; row < table.numRows; row++) {
    const [name, tensor] = tensorAt(file, table, row);
    if (tensors.has(name)) {
      throw new OriginalFormatError(
        `readOriginalWeights: "${name}" expected one tensor of this name, got a second one, at ${file}:${row + 1}. ${ADVICE}`,
      );
    }
    tensors.set(name, tensor);
  }
  return { file, tensors };
}

/** A truncated Arrow file is not. */
function isWhole(bytes: Uint8Array): boolean {
  const decoder = new TextDecoder();
  const ends = [bytes.subarray(0, MAGIC.length), bytes.subarray(-MAGIC.length)];
  return bytes.length > 2 * MAGIC.length && ends.every((end) => decoder.decode(end) === MAGIC);
}

function openTable(file: string, bytes: Uint8Array): Table {
  const where = `readOriginalWeights: "${file}"`;
  if (!isWhole(bytes)) {
    throw new OriginalFormatError(
      `${where} expected a complete Arrow IPC file, got another kind of file. ${ADVICE}`,
    );
  }
  let columns: readonly string[];
  let table: Table;
  try {
    table = tableFromIPC(bytes);
    columns = table.schema.fields.map((field) => String(field.name));
  } catch (cause) {
    throw new OriginalFormatError(
      `${where} expected an uncompressed Arrow IPC file, got an unreadable one. ${ADVICE}`,
      { cause },
    );
  }
  const missing = COLUMNS.filter((name) => !columns.includes(name));
  if (missing.length === 0 && table.numRows > 0) return table;
  const got = missing.length === 0 ? 'no rows' : `no ${missing.join(', ')}`;
  throw new OriginalFormatError(
    `${where} expected rows with the columns ${COLUMNS.join(', ')}, got ${got}. ${ADVICE}`,
  );
}

function tensorAt(file: string, table: Table, row: number): [string, OriginalTensor] {
  let name = '';
  try {
    const at = (column: string): unknown => table.getChild(column)?.get(row);
    name = String(at('name') ?? '');
    const [rows, cols] = [Number(at('rows')), Number(at('cols'))];
    const vector = at('values') as { toArray?(): unknown; nullCount?: number } | null | undefined;
    const values = vector?.toArray?.();
    const isFloat32 = values instanceof Float32Array && vector?.nullCount === 0;
    if (isFloat32 && rows > 0 && cols > 0 && values.length === rows * cols) {
      return [name, { rows, cols, values }];
    }
  } catch (cause) {
    throw broken(file, name, row, { cause });
  }
  throw broken(file, name, row);
}

function broken(file: string, name: string, row: number, options?: ErrorOptions): OriginalFormatError {
  return new OriginalFormatError(
    `readOriginalWeights: "${name.slice(0, 80)}" expected rows × cols float32 values, got other values, at ${file}:${row + 1}. ${ADVICE}`,
    options,
  );
}

/** Tensors for a `Gru4Rec`, which also needs the item ids. */
export interface ImportedTensors {
  /** The parameters, and zeros for the optimiser's state, which the authors' code does not save. */
  readonly tensors: StoredTensor[];
  /** Rows of the item tables, which is the number of item ids to give. */
  readonly itemCount: number;
}

/**
 * Converts the weights of the authors' PyTorch model to tensors of a model.
 * @param weights - not changed. Item tables in the result are views of its bytes.
 * @param config - the configuration that the model was trained with, from `toConfig`.
 * @throws OriginalFormatError naming the file and a tensor that is missing, unexpected, not finite or of another
 * shape.
 */
export function toTensors(weights: OriginalWeights, config: ModelConfig): ImportedTensors {
  const { constrainedEmbedding, layers } = config;
  const embedding = embeddingWidth(config);
  const oneHot = !constrainedEmbedding && embedding === 0;
  const taker = new WeightTaker(weights);
  const itemCount = taker.rowsOf('Wy.weight');
  const last = layers.at(-1) ?? 0;
  const found = new Map([
    ['Wy', taker.take('Wy.weight', itemCount, last)],
    ['by', taker.take('By.weight', itemCount, 1)],
  ]);
  if (oneHot) oneHotCell(found, taker, { itemCount, units: last });
  else {
    if (!constrainedEmbedding) found.set('E', taker.take('E.weight', itemCount, embedding));
    const widths = [constrainedEmbedding ? last : embedding, ...layers];
    for (const [l, units] of layers.entries()) torchCell(found, taker, { l, inputs: widths[l] ?? 0, units });
  }
  taker.expectNothingLeft();
  return { tensors: completed(found, config, itemCount), itemCount };
}

/** torch.nn.GRUCell: y = x·Wᵀ, gates r, z, n stacked by rows, two biases, reset-after. */
function torchCell(
  found: Map<string, Float32Array>,
  taker: WeightTaker,
  { l, inputs, units }: { l: number; inputs: number; units: number },
): void {
  const take = (name: string, rows: number, cols: number): Float32Array =>
    taker.take(`G.${l}.${name}`, rows, cols);
  const inputWeights = take('weight_ih', 3 * units, inputs);
  const recurrent = take('weight_hh', 3 * units, units);
  const inputBias = take('bias_ih', 1, 3 * units);
  const recurrentBias = take('bias_hh', 1, 3 * units);
  for (const [gate, block] of Object.entries(torchGates)) {
    found.set(`layer${l}.W${gate}`, gateOfRows(inputWeights, block, units));
    found.set(`layer${l}.U${gate}`, gateOfRows(recurrent, block, units));
    found.set(`layer${l}.b${gate}`, gateOfRows(inputBias, block, units));
    found.set(`layer${l}.c${gate}`, gateOfRows(recurrentBias, block, units));
  }
}

/** The authors' cell for one-hot input: y = x·W, gates n, r, z side by side, z weighs the candidate, reset-before. */
function oneHotCell(
  found: Map<string, Float32Array>,
  taker: WeightTaker,
  { itemCount, units }: { itemCount: number; units: number },
): void {
  const inputs = taker.take('GE.Wx0.weight', itemCount, 3 * units);
  const recurrent = taker.take('GE.Wrz0', units, 2 * units);
  const bias = taker.take('GE.Bh0', 1, 3 * units);
  found.set('layer0.Un', taker.take('GE.Wh0', units, units));
  for (const [index, gate] of ['r', 'z'].entries()) {
    found.set(`layer0.U${gate}`, gateOfColumns(recurrent, index, { rows: units, units }));
  }
  for (const [index, gate] of ['n', 'r', 'z'].entries()) {
    found.set(`layer0.W${gate}`, gateOfColumns(inputs, index, { rows: itemCount, units }));
    found.set(`layer0.b${gate}`, gateOfColumns(bias, index, { rows: 1, units }));
  }
}

/** The parameters found, and zeros for the optimiser. */
function completed(
  found: ReadonlyMap<string, Float32Array>,
  config: ModelConfig,
  itemCount: number,
): StoredTensor[] {
  const { variables } = buildTrainProgram(config, itemCount);
  return variables
    .map(({ variable }) => variable)
    .filter(({ kind }) => kind !== 'state' && kind !== 'constant')
    .map(({ name, kind, rows, cols }) => {
      const values = found.get(name) ?? new Float32Array(rows * cols);
      return { name, kind, rows, cols, values };
    });
}

/** E input width, H hidden units. */
interface GateBlock {
  readonly index: number;
  /** −1 turns z of torch, which weighs the old state, into ours, which weighs the candidate: 1 − σ(x) = σ(−x). */
  readonly sign: 1 | -1;
}

/** In matrices that stack them by rows. */
const torchGates: Readonly<Record<'r' | 'z' | 'n', GateBlock>> = {
  r: { index: 0, sign: 1 },
  z: { index: 1, sign: -1 },
  n: { index: 2, sign: 1 },
};

/** Transposes the gate. @param values - [3 · H, E]. @param units - H. @returns [E, H], a new array. */
function gateOfRows(values: Float32Array, { index, sign }: GateBlock, units: number): Float32Array {
  const inputs = values.length / (3 * units);
  const gate = new Float32Array(inputs * units);
  for (let h = 0; h < units; h++) {
    const row = (index * units + h) * inputs;
    for (let i = 0; i < inputs; i++) gate[i * units + h] = sign * (values[row + i] ?? 0);
  }
  return gate;
}

/** @param values - [rows, gates · H], gates side by side. @param shape - `units` is H. @returns [rows, H], a new array. */
function gateOfColumns(
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

/** Checks tensors, and records which were taken. */
class WeightTaker {
  readonly #weights: OriginalWeights;
  readonly #left: Set<string>;

  constructor(weights: OriginalWeights) {
    this.#weights = weights;
    this.#left = new Set(weights.tensors.keys());
  }

  /** @throws OriginalFormatError if the tensor is missing. */
  rowsOf(name: string): number {
    const tensor = this.#weights.tensors.get(name);
    if (!tensor) this.#fail(name, 'a tensor of this name', 'none');
    return tensor.rows;
  }

  /** @returns a view of the file's bytes. @throws OriginalFormatError if it is missing, not finite or of another shape. */
  take(name: string, rows: number, cols: number): Float32Array {
    const tensor = this.#weights.tensors.get(name);
    this.#left.delete(name);
    if (!tensor) this.#fail(name, `[${rows}, ${cols}]`, 'no such tensor');
    if (tensor.rows !== rows || tensor.cols !== cols) {
      this.#fail(name, `[${rows}, ${cols}]`, `[${tensor.rows}, ${tensor.cols}]`);
    }
    if (!tensor.values.every(Number.isFinite)) this.#fail(name, 'finite numbers', 'NaN or infinity');
    return tensor.values;
  }

  /** @throws OriginalFormatError if a tensor was not taken. */
  expectNothingLeft(): void {
    const [name] = this.#left;
    if (name !== undefined) this.#fail(name, 'no tensor of this name with these parameters', 'one');
  }

  #fail(name: string, expected: string, got: string): never {
    throw new OriginalFormatError(
      `toTensors: "${name.slice(0, 80)}" expected ${expected}, got ${got}, at ${this.#weights.file}. Give the parameters that the model was trained with.`,
    );
  }
}
