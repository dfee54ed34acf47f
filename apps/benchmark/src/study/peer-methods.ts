import { parseConfig } from '@gru4rec/model';
import type { JsonObject } from '@gru4rec/tuning';
import type { PeerName } from '../peers/peers.ts';
import { defaultConfig } from './spaces.ts';

/** A method of another program. */
export interface PeerMethod {
  readonly id: string;
  /** In tables. */
  readonly title: string;
  readonly peer: PeerName;
  /** Name of its file in `peers/`, without extension. */
  readonly runner: string;
  /** Values that are tried on the validation split, the most promising first. */
  readonly trials: (items: number) => readonly JsonObject[];
}

/** Items above which a softmax over all of them leaves no time for a few epochs. */
const MANY_ITEMS = 5000;

/**
 * Sessions are shorter than the histories that RecTools' defaults (256 factors, 100 positions) are meant for, and each of their
 * clicks is predicted. Positions, which RecTools counts from the end of a history, made validation worse on rsc15-100k.
 */
const shared = { n_factors: 128, session_max_len: 50, use_pos_emb: false };

/** RecTools shuffles sessions. On news, a GRU4Rec gains by learning the latest clicks last. */
const inOrderOfTime = { data_preparator_kwargs: { shuffle_train: false } };

const transformer = (id: string, title: string, trials: PeerMethod['trials']): PeerMethod => ({
  ...{ id, title, peer: 'rectools', runner: 'rectools_transformers', trials },
});

/** Values of GRU4Rec's authors for RSC15, which are the untuned ones of the study, in two lengths. */
const authors: readonly JsonObject[] = (['bpr-max', 'cross-entropy'] as const).flatMap((loss) =>
  [10, 5].map((nEpochs) => ({ ...parseConfig({ ...defaultConfig(loss), nEpochs }) }) as JsonObject),
);

/** All methods of other programs, in the order of the table. */
export const peerMethods: readonly PeerMethod[] = [
  transformer('sasrec', 'SASRec (RecTools)', (items) => {
    const sampled = { ...shared, loss: 'sampled_softmax', n_negatives: 1024 };
    const all = { ...shared, loss: 'softmax' };
    return items > MANY_ITEMS
      ? [sampled, { ...sampled, ...inOrderOfTime }, { ...sampled, dropout_rate: 0.4 }]
      : [all, { ...all, dropout_rate: 0.4 }, sampled];
  }),
  transformer('esasrec', 'eSASRec (RecTools)', () => {
    const values = { ...shared, n_negatives: 1024 };
    return [values, { ...values, ...inOrderOfTime }, { ...values, dropout_rate: 0.4 }];
  }),
  {
    ...{ id: 'cornac-gru4rec', title: 'GRU4Rec (cornac)', peer: 'cornac', runner: 'cornac_gru4rec' },
    trials: () => authors,
  },
];
