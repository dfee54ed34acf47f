/** Invented figures of a model, of realistic size. */
export interface FakeModel {
  readonly name: string;
  readonly recall: number;
  readonly mrr: number;
  /** p-values of recall and MRR against the best; absent for the best. */
  readonly p: number;
  readonly fit: number;
  readonly evaluate: number;
  readonly memory: number;
  readonly bias: number;
  /** The change in recall per group of clicks, and from head to tail. */
  readonly growth: number;
  readonly decline: number;
  readonly options: Record<string, unknown>;
}

/** Fourteen invented models, in the order of the report: recall, mrr, p, fit, evaluate, memory, bias, growth, decline. */
const rows: readonly [string, Record<string, unknown>, number[]][] = [
  ['POP', {}, [0.0412, 0.0113, 0, 0.004, 3.1, 0.2, 41, 0, 1.6]],
  ['R-POP', { days: 2 }, [0.0988, 0.0301, 0, 0.006, 3.2, 0.2, 33, 0, 1.2]],
  ['S-POP', { topN: 100 }, [0.3117, 0.1822, 0, 0.004, 3.4, 0.2, 6.1, 0.06, 0.25]],
  ['Markov', { smoothing: 0 }, [0.4631, 0.2337, 0, 0.41, 4.4, 9.8, 2.4, -0.01, 0.35]],
  [
    'SR',
    { steps: 15, weighting: 'quadratic', pruning: 20 },
    [0.5172, 0.2679, 0, 0.52, 4.6, 14.1, 2.2, -0.01, 0.32],
  ],
  ['AR', { pruning: 20 }, [0.4988, 0.2311, 0, 0.88, 4.6, 22.7, 2.5, -0.02, 0.3]],
  ['item-KNN', { k: 100, lambda: 20, alpha: 0.5 }, [0.5061, 0.2272, 0, 1.3, 4.9, 31.5, 1.3, -0.02, 0.22]],
  [
    'BPR-MF',
    { factors: 100, epochs: 20, learningRate: 0.05, regularisation: 0.0025 },
    [0.2571, 0.1504, 0, 96, 6.2, 21.4, 3.9, 0.005, 0.6],
  ],
  [
    'S-KNN',
    { k: 500, sampleSize: 1000, similarity: 'cosine' },
    [0.6112, 0.2522, 0, 0.21, 31, 48.2, 1.9, 0.004, 0.2],
  ],
  [
    'V-SKNN',
    { k: 500, sampleSize: 1000, weighting: 'div', score: 'div' },
    [0.6258, 0.2781, 0.0004, 0.22, 33, 48.2, 1.8, 0.012, 0.21],
  ],
  [
    'STAN',
    { k: 500, sampleSize: 5000, lambdaSpw: 1.22, lambdaSnh: 40, lambdaInh: 2.44 },
    [0.6341, 0.2856, 0.061, 0.25, 38, 55.9, 1.7, 0.012, 0.19],
  ],
  [
    'VSTAN',
    { k: 500, sampleSize: 5000, lambdaSpw: 0.97, lambdaSnh: 80, lambdaInh: 4.9, lambdaIpw: 1.22 },
    [0.6409, 0.2891, 0.242, 0.26, 41, 55.9, 1.7, 0.014, 0.19],
  ],
  [
    'GRU4Rec',
    {
      loss: 'cross-entropy',
      layers: [100],
      batchSize: 32,
      nSample: 2048,
      sampleAlpha: 0.5,
      learningRate: 0.08,
      nEpochs: 10,
      embedding: 'constrained',
      dropoutPHidden: 0.1,
      bpreg: undefined,
    },
    [0.6487, 0.2872, 0.118, 5210, 9.4, 28.4, 1.4, 0.018, 0.3],
  ],
  [
    'mix',
    {
      weight: 0.6,
      parts: [
        { name: 'GRU4Rec', options: { layers: [100, 50] } },
        { name: 'VSTAN', options: {} },
      ],
    },
    [0.6561, 0.2904, -1, 5211, 52, 84.4, 1.5, 0.017, 0.24],
  ],
];

export const FAKE_MODELS: readonly FakeModel[] = rows.map(([name, options, figures]) => {
  const [recall = 0, mrr = 0, p = 0, fit = 0, evaluate = 0, memory = 0, bias = 0, growth = 0, decline = 0] =
    figures;
  return { name, recall, mrr, p, fit, evaluate, memory, bias, growth, decline, options };
});
