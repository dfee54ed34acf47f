import type { EvaluateOptions, MetricName } from '@gru4rec/metrics';
import { leaveOut, type Protocol, periods, prefixFiles, splitFiles } from './protocols.ts';

/** A metric and a cutoff, such as `recall@20`. */
export type FigureName = `${MetricName}@${number}`;

export interface Published {
  readonly method: string;
  readonly values: Readonly<Partial<Record<FigureName, number>>>;
  /** Paper and table, or repository and file. */
  readonly source: string;
}

/** A published table: its files, what is predicted from them, and the figures to stand beside. */
export interface Row {
  /** In the folder of the clones. */
  readonly files: readonly string[];
  readonly predictions: number;
  readonly evaluation: Pick<EvaluateOptions, 'protocol' | 'excludeSeen'>;
  readonly figures: readonly FigureName[];
  /** By name, the one that counts first; without a name if there is only one. */
  readonly variants: Readonly<Record<string, Protocol>>;
  readonly published: readonly Published[];
}

const at20 = ['recall@20', 'mrr@20'] as const;

function graphNetworks(folder: string, predictions: number, published: readonly Published[]): Row {
  const files = ['all_train_seq.txt', 'test.txt'].map((file) => `GCE-GNN/datasets/${folder}/${file}`);
  const figures = [...at20, 'recall@10', 'mrr@10'] as const;
  return { files, predictions, evaluation: {}, figures, variants: { '': prefixFiles }, published };
}

function leaveOneOut(file: string, predictions: number, published: readonly Published[]): Row {
  return {
    ...{ files: [`CIKM2020-S3Rec/data/${file}.txt`], predictions },
    ...{ evaluation: { protocol: 'last', excludeSeen: true }, figures: ['recall@10', 'ndcg@10'] },
    // Rivals hold out the last click but one of each user to stop; a model for use learns it too.
    ...{ variants: { strict: leaveOut(2), all: leaveOut(1) }, published },
  };
}

function continual(
  folder: string,
  { days, predictions }: { readonly days: number; readonly predictions: number },
  published: readonly Published[],
): Row {
  return {
    files: Array.from({ length: 17 }, (_, period) => `ADER/data/${folder}/period_${period}.txt`),
    ...{ predictions, evaluation: {}, figures: at20 },
    ...{ variants: { continued: periods({ days }), once: periods({ days, once: true }) }, published },
  };
}

const rsc15 = 'RecSys_Evaluation/data/rsc15/fulltrain/rsc15By64/rsc15';

export const rows: Readonly<Record<string, Row>> = {
  'rsc15-64': {
    files: [`${rsc15}_train_full.txt`, `${rsc15}_test.txt`],
    ...{ predictions: 5596, evaluation: {}, figures: at20, variants: { '': splitFiles }, published: [] },
  },
  diginetica: graphNetworks('diginetica', 60_858, []),
  tmall: graphNetworks('Tmall', 25_898, []),
  nowplaying: graphNetworks('Nowplaying', 89_824, []),
  beauty: leaveOneOut('Beauty', 22_363, []),
  sports: leaveOneOut('Sports_and_Outdoors', 35_598, []),
  toys: leaveOneOut('Toys_and_Games', 19_412, []),
  'yoochoose-days': continual('YOOCHOOSE', { days: 1, predictions: 2_362_154 }, []),
  'diginetica-weeks': continual('DIGINETICA', { days: 7, predictions: 688_105 }, []),
};
