import type { RankGroup } from '@gru4rec/metrics';
import { mapMetrics } from '@gru4rec/metrics';
import type { ComparisonReport, CutoffMeasures, LearningCurve, ModelReport } from '../src/report.ts';
import type { Measure } from '../src/table.ts';

/** Invented figures of models, of realistic size; p against the best, and changes of recall by clicks and from head to tail. */
const rows: readonly [string, Record<string, unknown>, number[]][] = [
  ['POP', {}, [0.0412, 0.0113, 0, 0.004, 3.1, 0.2, 41, 0, 1.6]],
  ['R-POP', {}, [0.0988, 0.0301, 0, 0.006, 3.2, 0.2, 33, 0, 1.2]],
  ['S-POP', {}, [0.3117, 0.1822, 0, 0.004, 3.4, 0.2, 6.1, 0.06, 0.25]],
  ['Markov', {}, [0.4631, 0.2337, 0, 0.41, 4.4, 9.8, 2.4, -0.01, 0.35]],
  ['SR', {}, [0.5172, 0.2679, 0, 0.52, 4.6, 14.1, 2.2, -0.01, 0.32]],
  ['AR', {}, [0.4988, 0.2311, 0, 0.88, 4.6, 22.7, 2.5, -0.02, 0.3]],
  ['item-KNN', {}, [0.5061, 0.2272, 0, 1.3, 4.9, 31.5, 1.3, -0.02, 0.22]],
  ['BPR-MF', {}, [0.2571, 0.1504, 0, 96, 6.2, 21.4, 3.9, 0.005, 0.6]],
  ['S-KNN', {}, [0.6112, 0.2522, 0, 0.21, 31, 48.2, 1.9, 0.004, 0.2]],
  ['V-SKNN', {}, [0.6258, 0.2781, 0.0004, 0.22, 33, 48.2, 1.8, 0.012, 0.21]],
  ['STAN', { k: 500, lambdaSpw: 1.22 }, [0.6341, 0.2856, 0.061, 0.25, 38, 55.9, 1.7, 0.012, 0.19]],
  ['VSTAN', {}, [0.6409, 0.2891, 0.242, 0.26, 41, 55.9, 1.7, 0.014, 0.19]],
  ['GRU4Rec', { bpreg: undefined }, [0.6487, 0.2872, 0.118, 5210, 9.4, 28.4, 1.4, 0.018, 0.3]],
  [
    'best',
    { layers: [100, 50], loss: 'cross-entropy' },
    [0.6561, 0.2904, -1, 5211, 52, 84.4, 1.5, 0.017, 0.24],
  ],
];

const FAKE_MODELS = rows.map(([name, options, figures]) => {
  const [recall = 0, mrr = 0, p = 0, fit = 0, evaluate = 0, memory = 0, bias = 0, growth = 0, decline = 0] =
    figures;
  return { name, recall, mrr, p, fit, evaluate, memory, bias, growth, decline, options };
});
type FakeModel = (typeof FAKE_MODELS)[number];

const SEEDED: readonly string[] = ['BPR-MF', 'GRU4Rec', 'best'];
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

function resultsOf({ name, recall, mrr, p, bias }: FakeModel): CutoffMeasures[] {
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
  { recall, mrr }: FakeModel,
  factor: (place: number) => number,
): RankGroup[] {
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

function curvesOf({ name, recall, mrr }: FakeModel): LearningCurve[] {
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

function modelOf(fake: FakeModel): ModelReport {
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
  models: FAKE_MODELS.map(modelOf),
  examples: {
    first: 'best',
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
