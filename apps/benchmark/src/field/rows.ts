import type { EvaluateOptions, MetricName } from '@gru4rec/metrics';
import { leaveOut, type Protocol, periods, prefixFiles, splitFiles } from './protocols.ts';

/** A published table: its files, and what is predicted from them. The figures of others are in `published.json`. */
export interface Row {
  readonly files: readonly string[];
  readonly protocol: Protocol;
  readonly evaluation: Pick<EvaluateOptions, 'protocol' | 'excludeSeen'>;
  readonly predictions: number;
  readonly figures: readonly (readonly [metric: MetricName, cutoff: number])[];
}

const rsc15 = 'RecSys_Evaluation/data/rsc15/fulltrain/rsc15By64/rsc15_';
const both = (metric: MetricName, cutoff: number): Row['figures'] => [
  ['recall', cutoff],
  [metric, cutoff],
];

const pickled = (folder: string, predictions: number): Row => ({
  files: ['all_train_seq.txt', 'test.txt'].map((file) => `GCE-GNN/datasets/${folder}/${file}`),
  predictions,
  protocol: prefixFiles,
  evaluation: {},
  figures: [...both('mrr', 20), ...both('mrr', 10)],
});

const leaveOneOut = (file: string, predictions: number, heldOut: 1 | 2, ...ends: readonly string[]): Row => ({
  files: ['.txt', ...ends].map((end) => `CIKM2020-S3Rec/data/${file}${end}`),
  protocol: leaveOut(heldOut),
  predictions,
  evaluation: { protocol: 'last', excludeSeen: true },
  figures: both('ndcg', 10),
});

const continual = (folder: string, predictions: number, protocol: Protocol): Row => ({
  files: Array.from({ length: 17 }, (_, period) => `ADER/data/${folder}/period_${period}.txt`),
  predictions,
  protocol,
  evaluation: {},
  figures: both('mrr', 20),
});

const ATTRIBUTES = '_item2attributes.json';

/** By name. `-attributes` learns those of the items too, `-all` each user's last item but one too, on which others stop; `-once` learns the clicks of a period once, `-anew` all periods so far from the start. */
export const rows: Readonly<Record<string, Row>> = {
  'rsc15-64': {
    files: [`${rsc15}train_full.txt`, `${rsc15}test.txt`],
    predictions: 5596,
    protocol: splitFiles,
    evaluation: {},
    figures: both('mrr', 20),
  },
  diginetica: pickled('diginetica', 60_858),
  tmall: pickled('Tmall', 25_898),
  nowplaying: pickled('Nowplaying', 89_824),
  beauty: leaveOneOut('Beauty', 22_363, 2),
  'beauty-attributes': leaveOneOut('Beauty', 22_363, 2, ATTRIBUTES),
  'beauty-all': leaveOneOut('Beauty', 22_363, 1),
  sports: leaveOneOut('Sports_and_Outdoors', 35_598, 2),
  'sports-attributes': leaveOneOut('Sports_and_Outdoors', 35_598, 2, ATTRIBUTES),
  'sports-all': leaveOneOut('Sports_and_Outdoors', 35_598, 1),
  toys: leaveOneOut('Toys_and_Games', 19_412, 2),
  'toys-attributes': leaveOneOut('Toys_and_Games', 19_412, 2, ATTRIBUTES),
  'toys-all': leaveOneOut('Toys_and_Games', 19_412, 1),
  lastfm: leaveOneOut('LastFM', 1090, 2),
  'yoochoose-days': continual('YOOCHOOSE', 2_362_154, periods(1)),
  'yoochoose-days-once': continual('YOOCHOOSE', 2_362_154, periods(1, 'once')),
  'yoochoose-days-anew': continual('YOOCHOOSE', 2_362_154, periods(1, 'anew')),
  'diginetica-weeks': continual('DIGINETICA', 688_105, periods(7)),
  'diginetica-weeks-once': continual('DIGINETICA', 688_105, periods(7, 'once')),
  'diginetica-weeks-anew': continual('DIGINETICA', 688_105, periods(7, 'anew')),
};
