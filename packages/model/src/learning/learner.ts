import {
  anything,
  checkHas,
  checkOptions,
  finiteAbove0,
  integer,
  type OptionChecks,
  positive,
  required,
} from '@gru4rec/checked-options';
import { ItemIdTable } from '@gru4rec/item-ids';
import { RandomStream } from '@gru4rec/random';
import { LRUCache } from 'lru-cache';
import type { ModelConfig } from '../config.ts';
import { Gru4Rec } from '../gru4rec.ts';
import type { TrainingEngine } from '../training/train-options.ts';
import { type ClickPair, LearnerStep } from './learner-step.ts';

/** How a learner learns. */
export interface LearnerOptions {
  readonly engine: TrainingEngine;
  /** η of every step; that of the model if not given. */
  readonly learningRate?: number;
  /** Pairs of clicks per step (8; that of the model if it is smaller, or if nothing is sampled). */
  readonly batchSize?: number;
  /** Steps on earlier pairs after each step on new ones (0). */
  readonly replays?: number;
  /** Latest pairs that `replays` draws from (20,000). Each takes 4 bytes per number of the hidden states. */
  readonly replayPairs?: number;
  /** Time of clicks, in ms, after which a pair is learnt in a step that is not full (60,000). */
  readonly maxWaitMs?: number;
  /** Time, in ms, in which the weight of a click halves, for negatives and popular items (one day). */
  readonly halfLifeMs?: number;
  /** The most sessions that are followed (100,000). A new one replaces the one without a click for longest. */
  readonly maxSessions?: number;
  /** [I] clicks per item before the first; those that the model records if not given. Read only. */
  readonly counts?: ArrayLike<number>;
}

const checks: OptionChecks<LearnerOptions> = {
  engine: required(anything),
  ...{ learningRate: finiteAbove0, batchSize: integer(1), replays: integer(0), replayPairs: integer(1) },
  ...{ maxWaitMs: positive, halfLifeMs: finiteAbove0, maxSessions: integer(1), counts: anything },
};

/** A click as a learner reads it. */
export interface LearnerClick {
  readonly session: string;
  readonly item: string;
  /** Milliseconds of any clock that does not go back. */
  readonly timeMs: number;
}

/** Steps after which negatives are drawn by the current counts. */
const STEPS_PER_COUNT = 32;
const DAY_MS = 86_400_000;
/** Pairs of a step where negatives are sampled; see decision 0044. */
const PAIRS = 8;

interface FollowedSession {
  /** Hidden states before its last click. */
  state: Float32Array;
  last: number;
}

interface WaitingPair {
  readonly session: FollowedSession;
  readonly input: number;
  readonly target: number;
  readonly timeMs: number;
}

/**
 * Learns from a stream of clicks, with the step, loss, negatives and optimiser of training.
 *
 * Each click but the first of a session makes a pair with the click before. A step learns `batchSize` pairs, no two of
 * one session, from the hidden states of their sessions. Items that the model does not know get new rows. What is learnt
 * depends only on the clicks in their order, not on how they are cut into calls.
 */
export class Learner {
  readonly #model: Gru4Rec;
  readonly #config: ModelConfig;
  readonly #options: Required<Omit<LearnerOptions, 'engine' | 'counts'>> & Pick<LearnerOptions, 'engine'>;
  readonly #itemIds: ItemIdTable;
  readonly #sessions: LRUCache<string, FollowedSession>;
  readonly #step: LearnerStep;
  readonly #random: RandomStream;
  readonly #learnt: ClickPair[] = [];
  #waiting: WaitingPair[] = [];
  #counts: Float64Array;
  #countedMs: number | undefined;
  #nextLearnt = 0;
  #stepsSinceCount = 0;
  #pairs = 0;

  /**
   * @param model - where learning starts; read only.
   * @throws TypeError, RangeError if an option is wrong.
   */
  constructor(model: Gru4Rec, options: LearnerOptions) {
    checkHas('Learner', 'model', model, ['config', 'itemIds', 'tensors']);
    checkOptions('Learner', options, checks);
    const { counts = model.recentClicks, engine, ...given } = options;
    const { learningRate, seed, nSample } = model.config;
    const batchSize = nSample === 0 ? model.config.batchSize : Math.min(PAIRS, model.config.batchSize);
    this.#model = model;
    this.#options = {
      ...{ learningRate, batchSize, replays: 0, replayPairs: 20_000, maxWaitMs: 60_000, halfLifeMs: DAY_MS },
      ...{ maxSessions: 100_000, ...given, engine },
    };
    this.#config = { ...model.config, batchSize: this.#options.batchSize };
    this.#itemIds = ItemIdTable.from(model.itemIds);
    this.#counts = countsOf(counts, this.#itemIds.length);
    this.#sessions = new LRUCache({ max: this.#options.maxSessions });
    this.#random = new RandomStream(seed, 'learner.replay');
    this.#step = new LearnerStep(model, this.#config, engine, this.#counts);
  }

  /** Pairs learnt so far, replayed ones not counted. */
  get pairs(): number {
    return this.#pairs;
  }

  /** Pairs that wait for a step. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Ids by item index: those of the model, then the new ones. */
  get itemIds(): ItemIdTable {
    return this.#itemIds;
  }

  /**
   * Learns clicks.
   * @param clicks - in order of time.
   * @throws NonFiniteLossError if the loss became NaN or infinite; the learner is then useless.
   */
  learn(clicks: Iterable<LearnerClick>): void {
    for (const click of clicks) this.#take(click);
  }

  /** Learns the pairs that wait, in steps that are not full. */
  flush(): void {
    while (this.#waiting.length > 0) this.#takeStep();
  }

  /**
   * The model as it is now (fresh), whose history ends with what was learnt, as one epoch. Pairs that wait are not in it.
   */
  model(): Gru4Rec {
    const { engine } = this.#options;
    const { config } = this.#model;
    const { record } = this.#step;
    const history = [...this.#model.history, ...(record ? [record] : [])];
    const itemIds = ItemIdTable.from(this.#itemIds);
    const recentClicks = Float32Array.from(this.#counts.subarray(0, itemIds.length));
    const tensors = this.#step.tensors(itemIds.length);
    return new Gru4Rec({ config, history, engine, itemIds, recentClicks, tensors });
  }

  /** Frees the engine's memory. */
  dispose(): void {
    this.#step.dispose();
  }

  #take({ session: id, item, timeMs }: LearnerClick): void {
    const first = this.#waiting[0];
    if (first && timeMs - first.timeMs >= this.#options.maxWaitMs) this.flush();
    const target = this.#itemIds.add(item);
    this.#count(target, timeMs);
    const session = this.#sessions.get(id);
    if (!session) {
      this.#sessions.set(id, { state: new Float32Array(this.#step.stateLength), last: target });
      return;
    }
    this.#waiting.push({ session, input: session.last, target, timeMs });
    session.last = target;
    while (this.#isFull()) this.#takeStep();
  }

  #isFull(): boolean {
    const { batchSize } = this.#options;
    if (this.#waiting.length < batchSize) return false;
    return new Set(this.#waiting.map(({ session }) => session)).size >= batchSize;
  }

  /** Learns the first pair of each session that waits, as many as a step takes, then some of the earlier pairs. */
  #takeStep(): void {
    const { batchSize, learningRate, replays } = this.#options;
    const sessions = new Set<FollowedSession>();
    const left: WaitingPair[] = [];
    const taken: WaitingPair[] = [];
    for (const pair of this.#waiting) {
      const isTaken = taken.length < batchSize && !sessions.has(pair.session);
      sessions.add(pair.session);
      (isTaken ? taken : left).push(pair);
    }
    this.#waiting = left;
    this.#useCounts();
    const pairs = taken.map(({ session, input, target }) => ({ state: session.state, input, target }));
    const after = this.#step.run(pairs, learningRate);
    for (const [at, { session }] of taken.entries()) session.state = after[at] as Float32Array;
    this.#pairs += taken.length;
    for (let replay = 0; replay < replays && this.#learnt.length >= batchSize; replay++) {
      this.#step.run(this.#drawLearnt(batchSize), learningRate);
    }
    for (const pair of pairs) this.#keep(pair);
  }

  #keep(pair: ClickPair): void {
    const { replays, replayPairs } = this.#options;
    if (replays === 0) return;
    this.#learnt[this.#nextLearnt] = pair;
    this.#nextLearnt = (this.#nextLearnt + 1) % replayPairs;
  }

  /** Distinct pairs that were learnt before. */
  #drawLearnt(count: number): ClickPair[] {
    const drawn = new Set<number>();
    while (drawn.size < count) drawn.add(this.#random.nextBelow(this.#learnt.length));
    return Array.from(drawn, (at) => this.#learnt[at] as ClickPair);
  }

  /** Older clicks weigh less: instead of all counts falling, the weight of a click rises; each half-life scales it back. */
  #count(item: number, timeMs: number): void {
    this.#countedMs ??= timeMs;
    if (item >= this.#counts.length) this.#counts = doubled(this.#counts);
    const halvings = (timeMs - this.#countedMs) / this.#options.halfLifeMs;
    this.#counts[item] = (this.#counts[item] ?? 0) + 2 ** halvings;
    if (halvings < 1) return;
    for (let i = 0; i < this.#counts.length; i++) this.#counts[i] = (this.#counts[i] ?? 0) / 2 ** halvings;
    this.#countedMs = timeMs;
  }

  /** Draws negatives by the current counts from time to time. */
  #useCounts(): void {
    const items = this.#itemIds.length;
    if (items <= this.#step.rows && this.#stepsSinceCount++ < STEPS_PER_COUNT) return;
    this.#stepsSinceCount = 0;
    this.#step.use(this.#counts.subarray(0, items));
  }
}

/** @throws RangeError if there is not one count ≥ 0 per item. */
function countsOf(counts: ArrayLike<number> | undefined, itemCount: number): Float64Array {
  if (counts && counts.length !== itemCount) {
    throw new RangeError(
      `Learner: "counts" expected ${itemCount} entries, one per item, got ${counts.length}.`,
    );
  }
  const copy = counts ? Float64Array.from(counts) : new Float64Array(itemCount).fill(1);
  return copy.some((count) => count > 0) ? copy : copy.fill(1);
}

function doubled(counts: Float64Array): Float64Array {
  const longer = new Float64Array(2 * counts.length + 1);
  longer.set(counts);
  return longer;
}
