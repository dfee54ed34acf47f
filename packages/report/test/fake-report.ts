import { mapMetrics } from '@gru4rec/metrics';
import type {
  ComparisonReport,
  CutoffMeasures,
  Group,
  LearningCurve,
  Measure,
  ModelReport,
} from '../src/report.ts';

/** Invented figures of realistic size. */
interface Fake {
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

const FAKES: readonly Fake[] = [
  {
    name: 'POP',
    recall: 0.0412,
    mrr: 0.0113,
    p: 0,
    fit: 0.004,
    evaluate: 3.1,
    memory: 0.2,
    bias: 41,
    growth: 0,
    decline: 1.6,
    options: {},
  },
  {
    name: 'R-POP',
    recall: 0.0988,
    mrr: 0.0301,
    p: 0,
    fit: 0.006,
    evaluate: 3.2,
    memory: 0.2,
    bias: 33,
    growth: 0,
    decline: 1.2,
    options: { days: 2 },
  },
  {
    name: 'S-POP',
    recall: 0.3117,
    mrr: 0.1822,
    p: 0,
    fit: 0.004,
    evaluate: 3.4,
    memory: 0.2,
    bias: 6.1,
    growth: 0.06,
    decline: 0.25,
    options: { topN: 100 },
  },
  {
    name: 'Markov',
    recall: 0.4631,
    mrr: 0.2337,
    p: 0,
    fit: 0.41,
    evaluate: 4.4,
    memory: 9.8,
    bias: 2.4,
    growth: -0.01,
    decline: 0.35,
    options: { smoothing: 0 },
  },
  {
    name: 'SR',
    recall: 0.5172,
    mrr: 0.2679,
    p: 0,
    fit: 0.52,
    evaluate: 4.6,
    memory: 14.1,
    bias: 2.2,
    growth: -0.01,
    decline: 0.32,
    options: { steps: 15, weighting: 'quadratic', pruning: 20 },
  },
  {
    name: 'AR',
    recall: 0.4988,
    mrr: 0.2311,
    p: 0,
    fit: 0.88,
    evaluate: 4.6,
    memory: 22.7,
    bias: 2.5,
    growth: -0.02,
    decline: 0.3,
    options: { pruning: 20 },
  },
  {
    name: 'item-KNN',
    recall: 0.5061,
    mrr: 0.2272,
    p: 0,
    fit: 1.3,
    evaluate: 4.9,
    memory: 31.5,
    bias: 1.3,
    growth: -0.02,
    decline: 0.22,
    options: { k: 100, lambda: 20, alpha: 0.5 },
  },
  {
    name: 'BPR-MF',
    recall: 0.2571,
    mrr: 0.1504,
    p: 0,
    fit: 96,
    evaluate: 6.2,
    memory: 21.4,
    bias: 3.9,
    growth: 0.005,
    decline: 0.6,
    options: { factors: 100, epochs: 20, learningRate: 0.05, regularisation: 0.0025 },
  },
  {
    name: 'S-KNN',
    recall: 0.6112,
    mrr: 0.2522,
    p: 0,
    fit: 0.21,
    evaluate: 31,
    memory: 48.2,
    bias: 1.9,
    growth: 0.004,
    decline: 0.2,
    options: { k: 500, sampleSize: 1000, similarity: 'cosine' },
  },
  {
    name: 'V-SKNN',
    recall: 0.6258,
    mrr: 0.2781,
    p: 0.0004,
    fit: 0.22,
    evaluate: 33,
    memory: 48.2,
    bias: 1.8,
    growth: 0.012,
    decline: 0.21,
    options: { k: 500, sampleSize: 1000, weighting: 'div', score: 'div' },
  },
  {
    name: 'STAN',
    recall: 0.6341,
    mrr: 0.2856,
    p: 0.061,
    fit: 0.25,
    evaluate: 38,
    memory: 55.9,
    bias: 1.7,
    growth: 0.012,
    decline: 0.19,
    options: { k: 500, sampleSize: 5000, lambdaSpw: 1.22, lambdaSnh: 40, lambdaInh: 2.44 },
  },
  {
    name: 'VSTAN',
    recall: 0.6409,
    mrr: 0.2891,
    p: 0.242,
    fit: 0.26,
    evaluate: 41,
    memory: 55.9,
    bias: 1.7,
    growth: 0.014,
    decline: 0.19,
    options: { k: 500, sampleSize: 5000, lambdaSpw: 0.97, lambdaSnh: 80, lambdaInh: 4.9, lambdaIpw: 1.22 },
  },
  {
    name: 'GRU4Rec',
    recall: 0.6487,
    mrr: 0.2872,
    p: 0.118,
    fit: 5210,
    evaluate: 9.4,
    memory: 28.4,
    bias: 1.4,
    growth: 0.018,
    decline: 0.3,
    options: {
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
  },
  {
    name: 'mix',
    recall: 0.6561,
    mrr: 0.2904,
    p: -1,
    fit: 5211,
    evaluate: 52,
    memory: 84.4,
    bias: 1.5,
    growth: 0.017,
    decline: 0.24,
    options: {
      weight: 0.6,
      parts: [
        { name: 'GRU4Rec', options: { layers: [100, 50] } },
        { name: 'VSTAN', options: {} },
      ],
    },
  },
];

/** Seeds of the models with random training. */
const SEEDED: readonly string[] = ['BPR-MF', 'GRU4Rec', 'mix'];
const GROUPS = {
  byPosition: ['1', '2', '3', '4', '5–9', '10+'],
  byPopularity: ['head (212 items)', '2 of 4 (1,204 items)', '3 of 4 (4,833 items)', 'tail (31,234 items)'],
  byLength: ['2', '3', '4', '5–9', '10–19', '20+'],
};

function measure(mean: number, p: number, seeded: boolean): Measure {
  const half = 0.012 * Math.sqrt(mean);
  return {
    mean,
    ...(seeded ? { sd: 0.0018 * Math.sqrt(mean) } : {}),
    interval: [mean - half, mean + half],
    ...(p < 0 ? {} : { p }),
  };
}

function resultsOf({ name, recall, mrr, p, bias }: Fake): CutoffMeasures[] {
  const seeded = SEEDED.includes(name);
  return [20, 5, 10].map((cutoff) => {
    const share = (cutoff / 20) ** 0.4;
    const depth = (cutoff / 20) ** 0.08;
    return {
      cutoff,
      ...mapMetrics(() => measure((0.42 * recall + 0.58 * mrr) * share ** 0.6, p, seeded)),
      recall: measure(recall * share, p, seeded),
      mrr: measure(mrr * depth, p, seeded),
      coverage: Math.min(1, (0.9 / bias ** 0.6) * share),
      popularityBias: bias,
    };
  });
}

function groups(
  labels: readonly string[],
  { recall, mrr }: Fake,
  factor: (place: number) => number,
): Group[] {
  return labels.map((label, place) => {
    const times = Math.max(0, factor(place));
    return {
      label,
      predictions: Math.round(71_222 / (1 + place * 1.2)),
      recall: Math.min(1, recall * times),
      mrr: Math.min(1, mrr * times),
    };
  });
}

function curvesOf({ name, recall, mrr }: Fake): LearningCurve[] {
  if (!['BPR-MF', 'GRU4Rec'].includes(name)) return [];
  const learned = name === 'GRU4Rec';
  return [1, 2, 3].map((seed) => ({
    seed,
    epochs: Array.from({ length: learned ? 10 : 20 }, (_, index) => {
      const wobble = 0.004 * Math.sin(7 * seed + index);
      const done = 1 - Math.exp(-(index + 1) / 3);
      const loss = (learned ? 5.1 : 0.21) + (learned ? 2.4 : 0.45) * (1 - done) + 4 * wobble;
      if (!learned) return { epoch: index + 1, loss };
      return { epoch: index + 1, loss, recall: recall * done + wobble, mrr: mrr * done + wobble / 2 };
    }),
  }));
}

function modelOf(fake: Fake): ModelReport {
  const { name, options, fit, evaluate, memory, growth, decline } = fake;
  return {
    name,
    options,
    runs: SEEDED.includes(name) ? 3 : 1,
    results: resultsOf(fake),
    fitSeconds: fit,
    evaluateSeconds: evaluate,
    memoryMiB: memory,
    ...(name === 'S-KNN' ? { index: { sessions: 17_794, bytes: 762_672 } } : {}),
    byPosition: groups(GROUPS.byPosition, fake, (place) => 0.95 + growth * 2 * place - 0.02 * place),
    byPopularity: groups(GROUPS.byPopularity, fake, (place) => Math.exp(decline * (1 - place))),
    byLength: groups(GROUPS.byLength, fake, (place) => 0.9 + growth * 3 * place),
    curves: curvesOf(fake),
  };
}

/** An invented comparison of fourteen models. */
export const fakeReport: ComparisonReport = {
  title: 'Next click on an invented shop, last day for testing',
  origin: {
    dataset: 'shop-log.tsv, sha256 6f1ed002ab5595859014ebf0951522d9a1d0b6a2d8d0f3bb7c7b3f0d4c2e9a11',
    split: 'by time, last day for testing',
    protocol: 'next',
    predictions: 71_222,
    sessions: 15_324,
    items: 37_483,
    tieRule: 'standard',
    seeds: '1, 2, 3',
    engine: 'wasm, 2 threads',
    sampledNegatives: false,
    version: '0.1.0',
    command: 'trainer compare shop --models all --seeds 1,2,3 --bootstrap 2000 --html comparison.html',
  },
  warnings: [
    '412 of 15,324 test sessions start before the last training session ends: split by time (--split last-day).',
    'S-POP gives 31.2 % of the targets a score that other items have too: compare with --ties conservative.',
  ],
  breakdownCutoff: 20,
  models: FAKES.map(modelOf),
  examples: {
    first: 'mix',
    second: 'GRU4Rec',
    predictions: [
      { clicks: ['Kettle', 'Teapot <2 l>'], earlier: 1204, next: 'Cup | saucer', ranks: [1, 1312] },
      { clicks: ['A'.repeat(60)], earlier: 0, next: 'Lamp', ranks: [null, 2] },
    ],
  },
};

/** The smallest report: one model, one cutoff, no intervals, no groups. */
export function smallReport(name = 'POP', mean = 0.25): ComparisonReport {
  return {
    title: 'Small',
    origin: {},
    warnings: [],
    breakdownCutoff: 20,
    models: [
      {
        name,
        options: {},
        runs: 1,
        results: [{ cutoff: 20, ...mapMetrics(() => ({ mean })), coverage: 0.5, popularityBias: 2 }],
        fitSeconds: 0,
        evaluateSeconds: 1,
        memoryMiB: 0,
        byPosition: [],
        byPopularity: [],
        byLength: [],
        curves: [],
      },
    ],
  };
}

/** A report of models with one cutoff and these MRRs and p-values; recall is twice the MRR by default. */
export function reportOf(
  ...models: readonly { readonly name: string; readonly mrr: Measure; readonly recall?: number }[]
): ComparisonReport {
  return {
    ...smallReport(),
    models: models.map(({ name, mrr, recall = 2 * mrr.mean }) => {
      const [model] = smallReport(name).models as [ModelReport];
      const [result] = model.results as [CutoffMeasures];
      return { ...model, results: [{ ...result, mrr, recall: { mean: recall } }] };
    }),
  };
}
