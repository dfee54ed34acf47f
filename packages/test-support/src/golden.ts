/** Hyper-parameters of a golden run, named as in its file. */
export interface GoldenConfig {
  readonly layers: readonly number[];
  readonly batch_size: number;
  readonly learning_rate: number;
  readonly momentum: number;
  readonly n_sample: number;
  readonly sample_alpha: number;
  readonly embedding_mode: 'none' | 'separate' | 'constrained';
  readonly embedding?: number;
  readonly gru: 'reset-before' | 'reset-after';
  readonly loss: string;
  readonly logq: number;
  readonly bpreg: number;
  readonly final_act: string;
  readonly hidden_act?: string;
  readonly smoothing?: number;
  readonly dropout_p_embed?: number;
  readonly dropout_p_hidden?: number;
  readonly dropout_seed?: number;
}

/** A parameter of a golden run, row-major. A vector has one entry in `shape`. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Recall and MRR at one cut-off. */
export interface GoldenMetrics {
  readonly recall: number;
  readonly mrr: number;
}

/** A recorded training run with its results. */
export interface Golden {
  readonly name: string;
  /** Name of the file with its training events, in the same folder. */
  readonly dataset: string;
  readonly config: GoldenConfig;
  readonly epochs: number;
  readonly steps: number;
  /** Parameters before training, float32 values stored as float64. */
  readonly initial: Readonly<Record<string, GoldenTensor>>;
  /** Parameters after training, in float64. */
  readonly final: Readonly<Record<string, GoldenTensor>>;
  /** Loss of each step. */
  readonly losses: readonly number[];
  /** Number of live slots in each step. */
  readonly liveSlots: readonly number[];
  /** Item indices of the sampled negatives of each step; null without sampling. */
  readonly samples: readonly (readonly number[])[] | null;
  /** Metrics by tie rule, then by cut-off. */
  readonly evaluation: Readonly<
    Record<'standard' | 'conservative' | 'median', Readonly<Record<string, GoldenMetrics>>>
  >;
  /** Rank of each target of the evaluation. */
  readonly ranks: readonly number[];
}

type GoldenFile = Omit<Golden, 'initial' | 'final'> & Record<'initial' | 'final', TensorsOfFile>;
type TensorsOfFile = Record<string, { shape: number[]; data: number[] }>;

/**
 * The golden in the text of a file. `initial` is rounded to float32, as in the recorded run; `final` is not rounded.
 *
 * @throws RangeError if the data of a tensor do not match its shape.
 */
export function parseGolden(text: string): Golden {
  const file: GoldenFile = JSON.parse(text);
  return {
    ...file,
    initial: readTensors(file.initial, Math.fround),
    final: readTensors(file.final, (x) => x),
  };
}

function readTensors(tensors: TensorsOfFile, round: (x: number) => number): Record<string, GoldenTensor> {
  const entries = Object.entries(tensors).map(([name, { shape, data }]) => {
    const values = Float64Array.from(data.flat(), round);
    const expected = shape.reduce((product, extent) => product * extent, 1);
    if (values.length !== expected) {
      throw new RangeError(`readGolden: "${name}" expected ${expected} values, got ${values.length}`);
    }
    return [name, { shape, data: values }] as const;
  });
  return Object.fromEntries(entries);
}
