import {
  type AttributeMessage,
  DataType,
  type DataTypeCode,
  type NodeMessage,
  type ShapeMessage,
} from './messages.ts';

export type Ref = string;

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, AttributeMessage>>;
  readonly after?: readonly Ref[];
  /** Places it on the CPU, whatever the graph's device. */
  readonly onHost?: boolean;
}

const HOST = '/device:CPU:0';

export function typeOf(code: DataTypeCode): AttributeMessage {
  return { type: code };
}

export function shapeOf(extents: readonly number[]): ShapeMessage {
  return { dim: extents.map((size) => ({ size })) };
}

/** The field of a constant's message that holds its values. */
const lists = {
  [DataType.float]: 'floatVal',
  [DataType.int32]: 'intVal',
  [DataType.uint32]: 'uint32Val',
} as const;

export class GraphWriter {
  readonly nodes: NodeMessage[] = [];
  readonly #device: string;
  readonly #constants = new Map<string, Ref>();
  readonly #names = new Set<string>();
  #prefix = '';

  /** @param device - such as `/device:CPU:0`; if empty, TensorFlow chooses. */
  constructor(device: string) {
    this.#device = device;
  }

  scope<T>(name: string, write: () => T): T {
    const outer = this.#prefix;
    this.#prefix = `${outer}${plainName(name)}/`;
    try {
      return write();
    } finally {
      this.#prefix = outer;
    }
  }

  add(
    op: string,
    inputs: readonly Ref[],
    { attributes = {}, after = [], onHost = false }: NodeOptions = {},
  ): Ref {
    const name = this.#unused(`${this.#prefix}${op}`);
    const order = [...new Set(after.map((ref) => `^${ref.split(':')[0]}`))];
    const device = onHost && this.#device !== '' ? HOST : this.#device;
    this.nodes.push({ name, op, input: [...inputs, ...order], device, attr: attributes });
    return name;
  }

  /** All its values, or one value that fills `extents`. */
  floats(values: readonly number[], extents: readonly number[] = []): Ref {
    return this.#constant(DataType.float, values, extents);
  }

  integers(values: readonly number[], extents: readonly number[] = [values.length]): Ref {
    return this.#constant(DataType.int32, values, extents);
  }

  unsigned(value: number): Ref {
    return this.#constant(DataType.uint32, [value], []);
  }

  #constant(dtype: keyof typeof lists, values: readonly number[], extents: readonly number[]): Ref {
    const key = `${dtype} ${extents.join()} ${values.map((v) => (Object.is(v, -0) ? '-0' : v)).join()}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const list = { [lists[dtype]]: values };
    const [first] = values.length === 1 ? values : [];
    const name = this.#unused(plainName(`${first ?? `values_${values.length}`}`, 'constants/'));
    const attr = {
      dtype: typeOf(dtype),
      value: { tensor: { dtype, tensorShape: shapeOf(extents), ...list } },
    };
    this.nodes.push({ name, op: 'Const', input: [], device: this.#device, attr });
    this.#constants.set(key, name);
    return name;
  }

  #unused(name: string): string {
    let free = name;
    for (let i = 1; this.#names.has(free); i++) free = `${name}_${i}`;
    this.#names.add(free);
    return free;
  }
}

/** A name that TensorFlow allows: letters, digits and some marks, the first a letter, a digit or a dot. */
function plainName(text: string, prefix = ''): string {
  return prefix + text.replace(/[^A-Za-z0-9_.]/g, '_').replace(/^(?![A-Za-z0-9.])/, 'x');
}
