import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBaseline } from '@gru4rec/baselines';
import { type Evaluation, evaluateWithPauses, type SessionArrays } from '@gru4rec/metrics';
import { parseConfig } from '@gru4rec/model';
import type { JsonObject } from '@gru4rec/tuning';
import { inTemporaryFolder, type Program } from '../environment.ts';
import { lastEvent, numbersOf, type PeerEvent, type PeerName, peerProgram, runPeer } from '../peers/peers.ts';
import type { StudyData } from './data-sets.ts';
import { defaultConfig } from './methods.ts';
import { CUTOFF, evaluateRanks, scoreOf, validationSample } from './tune-method.ts';

export interface PeerMethod {
  readonly id: string;
  readonly peer: PeerName;
  readonly runner: string;
  /** Values that are tried on the validation split, the most promising first. */
  readonly trials: (items: number) => readonly JsonObject[];
}

/** Items above which a softmax over all of them leaves no time for a few epochs. */
const MANY_ITEMS = 5000;

/** RecTools' defaults (256, 100) are for longer histories; positions, counted from the end, worsened validation on rsc15-100k. */
const shared = { n_factors: 128, session_max_len: 50, use_pos_emb: false };
/** RecTools shuffles sessions. On news, a GRU4Rec gains by learning the latest clicks last. */
const inOrderOfTime = { data_preparator_kwargs: { shuffle_train: false } };
const rectools = { peer: 'rectools', runner: 'rectools_transformers' } as const;

export const peerMethods: readonly PeerMethod[] = [
  {
    ...{ id: 'sasrec', ...rectools },
    trials(items) {
      const sampled = { ...shared, loss: 'sampled_softmax', n_negatives: 1024 };
      const all = { ...shared, loss: 'softmax' };
      return items > MANY_ITEMS
        ? [sampled, { ...sampled, ...inOrderOfTime }, { ...sampled, dropout_rate: 0.4 }]
        : [all, { ...all, dropout_rate: 0.4 }, sampled];
    },
  },
  {
    ...{ id: 'esasrec', ...rectools },
    trials() {
      const values = { ...shared, n_negatives: 1024 };
      return [values, { ...values, ...inOrderOfTime }, { ...values, dropout_rate: 0.4 }];
    },
  },
  {
    ...{ id: 'cornac-gru4rec', peer: 'cornac', runner: 'cornac_gru4rec' },
    // Values of GRU4Rec's authors for RSC15, in two lengths.
    trials: () =>
      (['bpr-max', 'cross-entropy'] as const).flatMap((loss) =>
        [10, 5].map((nEpochs) => ({ ...parseConfig({ ...defaultConfig(loss), nEpochs }) }) as JsonObject),
      ),
  },
];

export interface PeerSettings {
  readonly data: StudyData;
  readonly threads: number;
  readonly seed: number;
  /** Seconds of processor time for the trials of a method; the first trial may take longer. */
  readonly budgetSeconds: number;
  readonly programOf?: (method: PeerMethod) => Program;
}

/** Values, their best epoch and its figures, and seconds of processor time. */
export interface PeerTrial {
  readonly values: JsonObject;
  readonly epochs: number;
  readonly score: number;
  readonly seconds: number;
}

/** Tries values on the validation sessions, one after the other, until the next would not fit. @returns the best. */
export async function tunePeer(
  method: PeerMethod,
  settings: PeerSettings,
): Promise<PeerTrial & { readonly trials: number }> {
  const found: PeerTrial[] = [];
  let left = settings.budgetSeconds;
  for (const values of method.trials(settings.data.tune.itemIds.length)) {
    if (found.length > 0 && left < (found.at(-1)?.seconds ?? 0) / 2) break;
    const { events } = await fit(method, 'tune', settings, { values, mostSeconds: left });
    const { fitSeconds, answerSeconds } = timesOf(events);
    const seconds = fitSeconds + answerSeconds;
    found.push({ values, ...bestEpoch(events), seconds });
    left -= seconds;
  }
  const [best] = [...found].sort((a, b) => b.score - a.score);
  if (!best) throw new Error(`${method.id} expected values to try, got none`);
  return { ...best, trials: found.length };
}

function bestEpoch(events: readonly PeerEvent[]): Pick<PeerTrial, 'epochs' | 'score'> {
  const scored = events.flatMap((event) => {
    if (event.event !== 'epoch') return [];
    const { epoch, ...figures } = numbersOf(event, ['epoch', 'recall', 'mrr']);
    return { epochs: epoch, score: scoreOf(figures) };
  });
  const [best] = scored.sort((a, b) => b.score - a.score);
  if (!best) throw new Error('peer: expected an event "epoch", got none');
  return best;
}

export async function runPeerMethod(
  method: PeerMethod,
  settings: PeerSettings,
  { values, epochs }: Pick<PeerTrial, 'values' | 'epochs'>,
): Promise<{ evaluation: Evaluation; fitSeconds: number; answerSeconds: number }> {
  const { test, itemIds } = settings.data.final;
  const { events, ranks } = await fit(method, 'final', settings, { values, epochs });
  return { evaluation: await evaluateRanksOf(method.id, ranks, test, itemIds.length), ...timesOf(events) };
}

const timesOf = (events: readonly PeerEvent[]) =>
  numbersOf(lastEvent(events, 'done'), ['fitSeconds', 'answerSeconds']);

/** Ranks by popularity and compares with our POP: then both understand sessions, order, ties and counts alike. @throws Error */
export async function checkRanks(method: PeerMethod, settings: PeerSettings): Promise<void> {
  const { final } = settings.data;
  const { ranks } = await fit({ ...method, id: 'popular' }, 'final', settings, { values: {} });
  const theirs = await evaluateRanksOf('popular', ranks, final.test, final.itemIds.length);
  const ours = await evaluateRanks(createBaseline('pop', final), final.test, settings.threads);
  const differs = ours.ranks?.rank.findIndex((rank, at) => rank !== theirs.ranks?.rank[at]);
  if (differs === -1) return;
  throw new Error(
    `${method.runner} ranks by popularity, but prediction ${differs} has another rank than that of POP`,
  );
}

function fit(
  method: PeerMethod,
  on: 'tune' | 'final',
  { data, seed, threads, programOf = ({ peer, runner }) => peerProgram(peer, runner) }: PeerSettings,
  request: JsonObject,
): Promise<{ readonly events: PeerEvent[]; readonly ranks: Int32Array }> {
  const { train, itemIds } = data[on];
  return inTemporaryFolder('benchmark-study', async (folder) => {
    const at = (name: string): string => join(folder, name);
    const files = { train: at('train'), heldOut: at('held-out'), output: at('ranks') };
    writeSessions(files.train, train);
    writeSessions(files.heldOut, on === 'tune' ? validationSample(data) : data.final.test);
    const task = { task: 'fit', method: method.id, items: itemIds.length, threads, seed, ...files };
    const events = await runPeer(programOf(method), { ...task, ...request });
    const bytes = existsSync(files.output) ? readFileSync(files.output) : Buffer.alloc(0);
    return { events, ranks: new Int32Array(Uint8Array.from(bytes).buffer) };
  });
}

/** Writes int32 values in the order of the machine: the number of sessions, their offsets, their items. */
function writeSessions(file: string, { sessionOffsets, items }: SessionArrays): void {
  const parts = [Int32Array.of(sessionOffsets.length - 1), sessionOffsets, items];
  writeFileSync(
    file,
    Buffer.concat(
      parts.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
    ),
  );
}

/** With the metrics of every other row. `ranks`: [predictions] from 1, session after session, read only. @throws RangeError */
export async function evaluateRanksOf(
  name: string,
  ranks: Int32Array,
  sessions: SessionArrays,
  itemCount: number,
): Promise<Evaluation> {
  const wrong = ranks.findIndex((rank) => rank < 1 || rank > itemCount);
  if (wrong >= 0) {
    throw new RangeError(`${name} expected ranks of 1 to ${itemCount}, got ${ranks[wrong]} at ${wrong}`);
  }
  let at = 0;
  const found = { better: new Float64Array(1), equal: Float64Array.of(1), top: new Int32Array(0) };
  const rank = () => {
    found.better[0] = (ranks[at++] ?? 1) - 1;
    return found;
  };
  const ranker = { name, itemCount, open: () => ({ rank, close() {} }) };
  const evaluation = await evaluateWithPauses(ranker, sessions, {
    ...{ cutoffs: [CUTOFF], tieRule: 'standard', keepRanks: true, lists: false, slots: 1 },
    pause: () => undefined,
  });
  if (evaluation.predictions === ranks.length) return evaluation;
  throw new RangeError(
    `${name} expected ${evaluation.predictions} ranks, one per prediction, got ${ranks.length}`,
  );
}
