import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createBaseline } from '@gru4rec/baselines';
import { type Evaluation, evaluateWithPauses, type Ranker, type SessionArrays } from '@gru4rec/metrics';
import type { StudyTuning } from '@gru4rec/report';
import type { JsonObject } from '@gru4rec/tuning';
import type { Program } from '../own-program.ts';
import { lastEvent, numberOf, type PeerEvent } from '../peers/events.ts';
import { requirementsOf, runnersFolder } from '../peers/peers.ts';
import { runPeer } from '../peers/run-peer.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';
import type { Cache } from './cache.ts';
import type { StudyData } from './data-sets.ts';
import { type FinalRun, validationSample } from './final-runs.ts';
import { CUTOFF, evaluateRanks, scoreOf, type Workshop } from './fit.ts';
import type { PeerMethod } from './peer-methods.ts';

/** Threads, seed, budget and programs of the runs of peers. */
export interface PeerRunSettings {
  readonly workshop: Pick<Workshop, 'threads'>;
  readonly seed: number;
  /** Seconds of processor time for the trials of a method; the first trial may take longer. */
  readonly budgetSeconds: number;
  readonly programOf: (method: PeerMethod) => Program;
}

/** What a method of another program was tuned to, and how. */
export interface PeerTuning extends StudyTuning {
  readonly values: JsonObject;
  /** Epochs of training; the last may be a part of one. */
  readonly epochs: number;
}

/** SHA-256 of the runner and the pinned versions of a method. */
function peerCode({ peer, runner }: PeerMethod): string {
  const hash = createHash('sha256').update(requirementsOf(peer));
  for (const name of [runner, 'protocol', 'ranking'])
    hash.update(readFileSync(join(runnersFolder, `${name}.py`)));
  return hash.digest('hex');
}

/** Tunes and fits methods of other programs. They rank the targets of the held-out sessions; the evaluation is ours. */
export class PeerRuns {
  readonly #data: StudyData;
  readonly #cache: Cache;
  readonly #settings: PeerRunSettings;

  constructor(data: StudyData, cache: Cache, settings: PeerRunSettings) {
    this.#data = data;
    this.#cache = cache;
    this.#settings = settings;
  }

  /** Tries values on the validation sessions, one after the other, until the next would not fit into the budget. */
  tune(method: PeerMethod): Promise<PeerTuning> {
    const { budgetSeconds, seed } = this.#settings;
    const trials = method.trials(this.#data.tune.itemIds.length);
    const of = { method: method.id, trials, budgetSeconds, seed, code: peerCode(method) };
    return this.#cache.get('peer-tuned', of, async () => {
      const found: Trial[] = [];
      const spent = () => found.reduce((sum, { seconds }) => sum + seconds, 0);
      for (const values of trials) {
        const left = budgetSeconds - spent();
        if (found.length > 0 && left < (found.at(-1)?.seconds ?? 0) / 2) break;
        const { events } = await this.#fit(method, 'tune', { values, mostSeconds: left });
        found.push({ values, ...bestEpoch(events), seconds: secondsOf(lastEvent(events, 'done')) });
      }
      const [first] = found;
      if (!first) throw new Error(`${method.id} expected values to try, got none`);
      const { values, epoch, ...tuned } = found.reduce((a, b) => (scoreOf(b) > scoreOf(a) ? b : a));
      const figures = ({ recall, mrr }: Trial) => ({ recall, mrr });
      return {
        ...{
          values,
          epochs: epoch,
          untuned: figures(first),
          tuned: { recall: tuned.recall, mrr: tuned.mrr },
        },
        ...{ screened: 0, ended: 0, full: found.length, seconds: spent(), offered: budgetSeconds },
      };
    });
  }

  /** Fits a method to all training sessions, and evaluates its ranks of the test sessions. Times are processor time. */
  run(method: PeerMethod, { values, epochs }: Pick<PeerTuning, 'values' | 'epochs'>): Promise<FinalRun> {
    const of = { method: method.id, values, epochs, seed: this.#settings.seed, code: peerCode(method) };
    return this.#cache.get('peer-test', of, async () => {
      const { test, itemIds } = this.#data.final;
      const { events, ranks } = await this.#fit(method, 'final', { values, epochs });
      const done = lastEvent(events, 'done');
      return {
        evaluation: await evaluateRanksOf(method.title, ranks, test, itemIds.length),
        fitSeconds: numberOf(done, 'fitSeconds'),
        evaluateSeconds: numberOf(done, 'answerSeconds'),
      };
    });
  }

  /**
   * Lets a method's runner rank by popularity, and compares each rank with that of our POP: sessions, order, ties and counts are
   * then understood alike.
   *
   * @throws Error if one differs.
   */
  async checkRanks(method: PeerMethod): Promise<void> {
    const { final } = this.#data;
    const { ranks } = await this.#fit({ ...method, id: 'popular' }, 'final', { values: {} });
    const theirs = await evaluateRanksOf('popular', ranks, final.test, final.itemIds.length);
    const ours = await evaluateRanks(createBaseline('pop', final), final.test, this.#settings.workshop);
    const differs = ours.ranks?.rank.findIndex((rank, at) => rank !== theirs.ranks?.rank[at]);
    if (differs === -1) return;
    throw new Error(
      `${method.runner} ranks by popularity, but prediction ${differs} has another rank than that of POP`,
    );
  }

  /** Runs a method on the training sessions; its ranks of the held-out ones are none while it is tuned. */
  #fit(
    method: PeerMethod,
    on: 'tune' | 'final',
    request: JsonObject,
  ): Promise<{ readonly events: PeerEvent[]; readonly ranks: Int32Array }> {
    const { seed, programOf, workshop } = this.#settings;
    const { threads } = workshop;
    const { train, itemIds } = this.#data[on];
    const heldOut = on === 'tune' ? validationSample(this.#data) : this.#data.final.test;
    return inTemporaryFolder('benchmark-referee', async (folder) => {
      const files = {
        train: join(folder, 'train'),
        heldOut: join(folder, 'held-out'),
        output: join(folder, 'ranks'),
      };
      writeSessions(files.train, train);
      writeSessions(files.heldOut, heldOut);
      const task = { task: 'fit', method: method.id, items: itemIds.length, threads, seed, ...files };
      const events = await runPeer(programOf(method), { ...task, ...request });
      return { events, ranks: existsSync(files.output) ? readIntegers(files.output) : new Int32Array() };
    });
  }
}

interface Trial {
  readonly values: JsonObject;
  readonly epoch: number;
  readonly recall: number;
  readonly mrr: number;
  readonly seconds: number;
}

const secondsOf = (done: PeerEvent) => numberOf(done, 'fitSeconds') + numberOf(done, 'answerSeconds');

function bestEpoch(events: readonly PeerEvent[]): Pick<Trial, 'epoch' | 'recall' | 'mrr'> {
  const epochs = events
    .filter(({ event }) => event === 'epoch')
    .map((event) => ({
      epoch: numberOf(event, 'epoch'),
      recall: numberOf(event, 'recall'),
      mrr: numberOf(event, 'mrr'),
    }));
  const [first] = epochs;
  if (!first) throw new Error('peer: expected an event "epoch", got none');
  return epochs.reduce((best, other) => (scoreOf(other) > scoreOf(best) ? other : best), first);
}

/** Writes int32 values in the order of the machine: the number of sessions, their offsets, their items. */
function writeSessions(file: string, { sessionOffsets, items }: SessionArrays): void {
  const values = new Int32Array(1 + sessionOffsets.length + items.length);
  values[0] = sessionOffsets.length - 1;
  values.set(sessionOffsets, 1);
  values.set(items, 1 + sessionOffsets.length);
  writeFileSync(file, new Uint8Array(values.buffer));
}

function readIntegers(file: string): Int32Array {
  const bytes = readFileSync(file);
  return new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

/**
 * Evaluates ranks that another program computed, with the metrics of every other row.
 *
 * @param ranks - [predictions] from 1, session after session. Read only.
 * @throws RangeError if they are not one per prediction, or outside 1 to the number of items.
 */
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
  const evaluation = await evaluateWithPauses(replay(name, ranks, itemCount), sessions, {
    ...{ cutoffs: [CUTOFF], tieRule: 'standard', keepRanks: true, lists: false, slots: 1 },
    pause: () => undefined,
  });
  if (evaluation.predictions === ranks.length) return evaluation;
  throw new RangeError(
    `${name} expected ${evaluation.predictions} ranks, one per prediction, got ${ranks.length}`,
  );
}

/** A ranker of one session after the other that reads the ranks. */
function replay(name: string, ranks: Int32Array, itemCount: number): Ranker {
  return {
    ...{ name, itemCount },
    open() {
      let at = 0;
      const found = { better: new Float64Array(1), equal: Float64Array.of(1), top: new Int32Array(0) };
      return {
        rank() {
          found.better[0] = (ranks[at++] ?? 1) - 1;
          return found;
        },
        close() {},
      };
    },
  };
}
