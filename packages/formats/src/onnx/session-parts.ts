import {
  MOST_RAISED,
  type PairPart,
  pairScales,
  placeShare,
  type SparsePartName,
  type StoredTensor,
  weightsName,
} from '@gru4rec/model';
import { DataType, type OnnxGraph } from './onnx-graph.ts';

/** float [batch, I]: what is added to each score, and beside 1 the factor of it; the latter of parts that have one. */
interface PartChanges {
  readonly added: string;
  readonly gain?: string;
}

/** What parts are lowered to: nodes that read `history` int64 [batch, K] and `history_clicks` float [batch, K + 1]. */
class PartGraph {
  readonly places: number;
  readonly itemCount: number;
  readonly #graph: OnnxGraph;
  readonly #tensors: readonly StoredTensor[];

  constructor(graph: OnnxGraph, tensors: readonly StoredTensor[], places: number, itemCount: number) {
    this.#graph = graph;
    this.#tensors = tensors;
    this.places = places;
    this.itemCount = itemCount;
  }

  apply(opType: string, inputs: readonly string[], attributes = {}): string {
    const name = this.#graph.reserve(`parts.${opType.toLowerCase()}`);
    this.#graph.append(opType, inputs, [name], attributes);
    return name;
  }

  integer(value: number): string {
    return this.#graph.integer(`parts.${value}`, value, [1]);
  }

  float(value: number): string {
    return this.#graph.float(value);
  }

  tensor(wanted: string): StoredTensor {
    return this.#tensors.find(({ name }) => name === wanted) as StoredTensor;
  }

  weights(part: SparsePartName): Float32Array {
    return this.tensor(weightsName(part)).values;
  }

  matrix(name: string, rows: number, cols: number, values: Float32Array): string {
    return this.#graph.matrix(name, rows, cols, values);
  }

  /** int64 [batch, K]: rows of the items of the history, 0 for none. */
  get rows(): string {
    return this.apply('Max', ['history', this.integer(0)]);
  }

  /** bool [batch, K] */
  get known(): string {
    return this.apply('GreaterOrEqual', ['history', this.integer(0)]);
  }

  /** float [batch, I] */
  get zeros(): string {
    const batch = this.apply('Gather', [this.apply('Shape', ['history']), this.integer(0)]);
    const shape = this.apply('Concat', [batch, this.integer(this.itemCount)], { axis: { int: 0 } });
    return this.apply('Expand', [this.float(0), shape]);
  }

  /** float [batch, count]: the greatest values of each row of x, the greatest first. */
  greatest(x: string, count: number): string {
    const values = this.#graph.reserve('parts.greatest');
    this.#graph.append(
      'TopK',
      [x, this.integer(count)],
      [values, this.#graph.reserve('parts.greatest.places')],
    );
    return values;
  }

  /** Adds values [batch, n] to the items of a row. */
  scatter(to: string, items: string, values: string): string {
    return this.apply('ScatterElements', [to, items, values], {
      axis: { int: 1 },
      reduction: { text: 'add' },
    });
  }
}

/** As the `SparsePart` of the same name. */
const lowerings: Readonly<Partial<Record<SparsePartName, (graph: PartGraph) => PartChanges>>> = {
  repeats(graph) {
    const { places } = graph;
    const weights = graph.weights('repeats');
    // Place k gets c_k + w·l_k + v·l̄ = (clicks · M)_k + c_k, with w on the diagonal of M [K + 1, K] and v in its last row.
    const matrix = new Float32Array((places + 1) * places).fill(weights[places + 1] ?? 0, places * places);
    for (let k = 0; k < places; k++) matrix[k * places + k] = weights[places] ?? 0;
    const ofClicks = graph.apply('MatMul', [
      'history_clicks',
      graph.matrix('repeats.clicks', places + 1, places, matrix),
    ]);
    const ofPlaces = graph.matrix('repeats.places', 1, places, weights.slice(0, places));
    const { known, rows, zeros } = graph;
    const inSession = (values: string) =>
      graph.scatter(zeros, rows, graph.apply('Where', [known, values, graph.float(0)]));
    return {
      added: inSession(graph.apply('Add', [ofClicks, ofPlaces])),
      gain: inSession(graph.float(weights[places + 2] ?? 0)),
    };
  },
  'co-occurrences': (graph) => lowerPairs('co-occurrences', graph),
  'similar-attributes': (graph) => lowerPairs('similar-attributes', graph),
};

/** As `pairPart`. */
function lowerPairs(part: PairPart, graph: PartGraph): PartChanges {
  const { known, rows } = graph;
  const rowsOf = (table: 'items' | 'similarities'): string => {
    const { name, rows: items, cols, values } = graph.tensor(`${part}.${table}`);
    return graph.apply('Gather', [graph.matrix(name, items, cols, values), rows]);
  };
  const share = Float32Array.from({ length: graph.places }, (_, place) => placeShare(place));
  const shares = graph.matrix(`${part}.shares`, graph.places, 1, share);
  const weights = graph.apply('Where', [
    graph.apply('Unsqueeze', [known, graph.integer(-1)]),
    shares,
    graph.float(0),
  ]);
  const similar = graph.apply('Mul', [rowsOf('similarities'), weights]);
  const items = graph.apply('Cast', [rowsOf('items')], { to: { int: DataType.int64 } });
  const sums = graph.scatter(graph.zeros, graph.apply('Flatten', [items]), graph.apply('Flatten', [similar]));
  const away = graph.apply('Where', [known, graph.float(FAR), graph.float(0)]);
  const others = graph.apply('Relu', [graph.scatter(sums, rows, away)]);
  const count = Math.min(MOST_RAISED + 1, graph.itemCount);
  const greatest = graph.greatest(others, count);
  const least = graph.apply('Gather', [greatest, graph.integer(count - 1)], { axis: { int: 1 } });
  const near = graph.apply('Where', [graph.apply('Greater', [others, least]), others, graph.float(0)]);
  const scaled = graph.apply('Add', [
    graph.apply('Div', [near, graph.float(pairScales[part])]),
    graph.float(1),
  ]);
  const weight = graph.float(Number(graph.weights(part)[0]));
  return { added: graph.apply('Mul', [graph.apply('Log', [scaled]), weight]) };
}

/** Takes an item of the history out of the similar ones. */
const FAR = -1e9;

/**
 * What parts change of all scores of each session: float [batch, I] `scale` and `added`.
 * @param parts - at least one.
 * @throws RangeError for a part without a lowering.
 */
export function sessionChanges(
  onnx: OnnxGraph,
  parts: readonly SparsePartName[],
  {
    tensors,
    places,
    itemCount,
  }: {
    readonly tensors: readonly StoredTensor[];
    readonly places: number;
    readonly itemCount: number;
  },
): { readonly scale: string; readonly added: string } {
  const graph = new PartGraph(onnx, tensors, places, itemCount);
  const changes = parts.map((part) => {
    const lower = lowerings[part];
    if (lower) return lower(graph);
    throw new RangeError(`toOnnx: the part ${part} has no lowering. Export safetensors or web.`);
  });
  const sum = (values: readonly string[]) => values.reduce((a, b) => graph.apply('Add', [a, b]));
  const gains = changes.flatMap(({ gain }) => gain ?? []);
  return {
    scale: sum([graph.apply('Add', [graph.zeros, graph.float(1)]), ...gains]),
    added: sum(changes.map(({ added }) => added)),
  };
}
