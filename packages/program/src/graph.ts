import { OpMethods } from './ops/definition.ts';
import { type OpName, opDefinition } from './ops/registry.ts';
import type { Node, Region } from './program.ts';
import { type Attributes, describeShape, type Shape, type Tensor } from './tensor.ts';

/** One tensor per entry of a list or tuple, so that a region's body is typed by the number of its inputs. */
export type TensorPerEntry<List extends readonly unknown[]> = { readonly [Entry in keyof List]: Tensor };

/** Hands out tensor ids that are unique across a program and the bodies of its regions. */
export interface IdSource {
  next: number;
}

/** A growing list of ops. If it already has an op with the same inputs and attributes, that op's output is returned instead. */
export class Graph extends OpMethods {
  readonly nodes: Node[] = [];
  readonly ids: IdSource;
  readonly #known = new Map<string, readonly Tensor[]>();

  constructor(ids: IdSource = { next: 0 }) {
    super();
    this.ids = ids;
  }

  /** A new value that no op of this graph writes. */
  source(shape: Shape): Tensor {
    return { id: this.ids.next++, dtype: shape.dtype, rows: shape.rows, cols: shape.cols };
  }

  apply(op: OpName, inputs: readonly Tensor[], attributes: Attributes = {}): Tensor {
    const known = this.#known.get(key(op, inputs, attributes));
    if (known?.[0]) return known[0];
    const output = this.source(opDefinition(op).infer(inputs, attributes));
    this.#append({ op, inputs, outputs: [output], attributes });
    return output;
  }

  /**
   * Appends a named part composed of primitive ops.
   * @param compose - builds the body on a separate graph.
   */
  region<const Inputs extends readonly Tensor[], const Outputs extends readonly Tensor[]>(
    name: string,
    attributes: Attributes,
    inputs: Inputs,
    compose: (body: Graph, ...inputs: TensorPerEntry<Inputs>) => Outputs,
  ): TensorPerEntry<Outputs> {
    const outputs = this.call(composeRegion(this.ids, name, attributes, inputs, compose), inputs);
    return outputs as TensorPerEntry<Outputs>;
  }

  /**
   * Appends an existing region with other inputs.
   * @throws RangeError if one is missing or has another shape than the region expects.
   */
  call(region: Region, inputs: readonly Tensor[]): readonly Tensor[] {
    const known = this.#known.get(key(region.name, inputs, region.attributes));
    if (known) return known;
    for (const [i, expected] of region.inputs.entries()) {
      const tensor = inputs[i];
      if (
        tensor?.rows !== expected.rows ||
        tensor.cols !== expected.cols ||
        tensor.dtype !== expected.dtype
      ) {
        const got = tensor ? describeShape(tensor) : 'nothing';
        throw new RangeError(`${region.name}: input ${i} expected ${describeShape(expected)}, got ${got}`);
      }
    }
    const outputs = region.outputs.map((o) => this.source(o));
    this.#append({ op: 'region', inputs, outputs, attributes: region.attributes, region });
    return outputs;
  }

  #append(node: Node): void {
    this.nodes.push(node);
    this.#known.set(key(node.region?.name ?? node.op, node.inputs, node.attributes), node.outputs);
  }
}

/** Composes a region without appending it; it expects inputs of the shapes in `inputs`. */
export function composeRegion<const Inputs extends readonly Shape[]>(
  ids: IdSource,
  name: string,
  attributes: Attributes,
  inputs: Inputs,
  compose: (body: Graph, ...inputs: TensorPerEntry<Inputs>) => readonly Tensor[],
): Region {
  const body = new Graph(ids);
  const sources = inputs.map((shape) => body.source(shape));
  const outputs = compose(body, ...(sources as TensorPerEntry<Inputs>));
  return { name, attributes, inputs: sources, outputs, nodes: body.nodes };
}

function key(name: string, inputs: readonly Tensor[], attributes: Attributes): string {
  // Not JSON.stringify: it writes NaN and both infinities as null, and −0 as 0.
  const pairs = Object.entries(attributes).map(([k, v]) => `${k}=${Object.is(v, -0) ? '-0' : v}`);
  return `${name}(${inputs.map((t) => t.id).join()})${pairs.join()}`;
}
