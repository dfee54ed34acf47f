import { halfSipHash } from '@gru4rec/dataset/ids';
import type { Gru4Rec } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { LRUCache } from 'lru-cache';
import { openShared, type SharedModel } from './shared-model.ts';

const LIMIT = 10_000;
const GOOD = 2;
const LISTED = 20;
const CLICKS = 20;
const SESSIONS = 20_000;
/** The most clicks that are predicted per version, so that a busy server spends little on them. */
const PREDICTIONS = 40;

/** [K] features, with features of clicks. */
interface GuardClick {
  readonly item: string;
  readonly features: Int32Array | undefined;
}

interface GuardSession {
  readonly clicks: GuardClick[];
  decided: boolean;
}

/**
 * Compares a learner to the model that it began with, on the next click of a share of the sessions before it is
 * learnt: who lists it higher among the first 20 wins. A session counts once, so that comparisons are independent.
 */
export class Guard {
  readonly #frozen: Gru4Rec;
  readonly #share: number;
  readonly #engine: Engine;
  readonly #key: Int32Array;
  #test: FallingBehind;
  readonly #sessions = new LRUCache<string, GuardSession>({ max: SESSIONS });
  #version: { readonly shared: SharedModel; readonly model: Gru4Rec } | undefined;
  good: SharedModel | undefined;
  #left = PREDICTIONS;

  /** @param key - two words that draw the sessions; random, so that no client can choose an id that is drawn. */
  constructor(options: {
    readonly frozen: Gru4Rec;
    readonly share: number;
    readonly engine: Engine;
    readonly from?: ComparisonState | undefined;
    readonly key?: Int32Array | undefined;
  }) {
    this.#frozen = options.frozen;
    this.#share = options.share;
    this.#engine = options.engine;
    this.#key = options.key ?? crypto.getRandomValues(new Int32Array(2));
    this.#test = new FallingBehind(options.from);
  }

  get state(): ComparisonState {
    return this.#test.state;
  }

  get evidence(): number {
    return this.#test.evidence;
  }

  get isBehind(): boolean {
    return this.#test.evidence > LIMIT;
  }

  use(shared: SharedModel): void {
    if (this.#test.evidence <= GOOD) this.good = this.#version?.shared ?? shared;
    this.#version = { shared, model: openShared(shared, this.#engine, this.#version?.model) };
    this.#left = PREDICTIONS;
  }

  reset(): void {
    this.#test = new FallingBehind();
    this.#sessions.clear();
    this.#version?.model.dispose();
    this.#version = undefined;
  }

  /** To be called before the click is learnt. */
  click(sessionId: string, click: GuardClick): void {
    if (!this.#version || !this.#isIn(sessionId)) return;
    const session = this.#sessions.get(sessionId) ?? { clicks: [], decided: false };
    this.#sessions.set(sessionId, session);
    if (session.decided) return;
    const { clicks } = session;
    if (clicks.length > 0 && this.#left > 0) {
      this.#left--;
      const learner = rankOf(this.#version.model, clicks, click.item);
      const frozen = rankOf(this.#frozen, clicks, click.item);
      if (learner !== frozen) {
        session.decided = true;
        this.#test.add(learner < frozen);
      }
    }
    clicks.push(click);
    if (clicks.length > CLICKS) clicks.shift();
  }

  #isIn(sessionId: string): boolean {
    const bytes = Buffer.from(sessionId);
    return (halfSipHash(bytes, 0, bytes.length, this.#key) >>> 0) / 2 ** 32 < this.#share;
  }
}

function rankOf({ live, itemIds }: Gru4Rec, clicks: readonly GuardClick[], item: string): number {
  const target = itemIds.indexOf(item);
  const known = clicks
    .map(({ item: id, features }) => ({ item: itemIds.indexOf(id), features }))
    .filter(({ item: index }) => index >= 0);
  if (target < 0 || known.length === 0) return Number.POSITIVE_INFINITY;
  const state = new Float32Array(live.stateLength);
  for (const click of known) live.advance([{ state, ...click }]);
  const best = live.best([state], LISTED)?.[0];
  const place = best ? best.items.indexOf(target) : placeAmong(live.scoreAll(state), target);
  return place >= 0 && place < LISTED ? place + 1 : Number.POSITIVE_INFINITY;
}

function placeAmong(scores: ArrayLike<number>, target: number): number {
  return Array.from(scores).filter((score) => score > scores[target]).length;
}

const SHARES = [0.05, 0.15, 0.25, 0.35, 0.45];

export interface ComparisonState {
  readonly wins: number;
  readonly losses: number;
  /** Logarithm of the evidence per share. */
  readonly logs: number[];
}

/**
 * Tests after each comparison whether a learner has begun to lose more than half. For each share s < ½, the
 * likelihood ratio of "wins with probability s" to "with ½", restarted below 1 (CUSUM), so that old wins do not
 * hide losses; the evidence is their mean. A learner that wins at least half takes `limit` comparisons or more on
 * average until it exceeds `limit`.
 */
export class FallingBehind {
  #wins: number;
  #losses: number;
  readonly #logs: number[];

  constructor(from: ComparisonState = { wins: 0, losses: 0, logs: SHARES.map(() => 0) }) {
    this.#wins = from.wins;
    this.#losses = from.losses;
    this.#logs = [...from.logs];
  }

  get state(): ComparisonState {
    return { wins: this.#wins, losses: this.#losses, logs: [...this.#logs] };
  }

  get evidence(): number {
    return this.#logs.reduce((sum, log) => sum + Math.exp(log), 0) / this.#logs.length;
  }

  add(wins: boolean): void {
    if (wins) this.#wins++;
    else this.#losses++;
    for (const [at, share] of SHARES.entries()) {
      const ratio = Math.log(2 * (wins ? share : 1 - share));
      this.#logs[at] = Math.max(0, this.#logs[at] + ratio);
    }
  }
}
