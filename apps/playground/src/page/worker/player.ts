import type { Scorer, ScoringSession } from '@gru4rec/metrics';
import {
  type Gru4Rec,
  type Recommendation,
  ResolvedSelection,
  ScoredItems,
  type Selection,
} from '@gru4rec/model';
import type { ModelCatalogue } from '../items/catalogue.ts';
import { type Contributions, type ItemRows, leaveOneOut } from '../items/explain.ts';
import { firstPlay, type Play } from '../session.ts';

export interface Listed {
  readonly id: string;
  readonly score: number;
}

export interface RankedList {
  readonly name: string;
  /** Best first. */
  readonly items: readonly Listed[];
  /** Milliseconds for the last click: one step and the list. */
  readonly milliseconds: number;
}

export interface Answer {
  /** The model's first. Empty if nothing known was clicked. */
  readonly lists: readonly RankedList[];
  /** Clicked ids that the model does not know, which do nothing. */
  readonly unknown: readonly string[];
}

export class Player {
  readonly model: Gru4Rec;
  readonly catalogue: ModelCatalogue;
  readonly #followers: readonly Follower[];

  constructor(model: Gru4Rec, catalogue: ModelCatalogue, baselines: readonly Scorer[]) {
    this.model = model;
    this.catalogue = catalogue;
    this.#followers = [
      new Follower('GRU4Rec', () => model.startSession()),
      ...baselines.map((scorer) => new Follower(scorer.name, () => new BaselineSession(scorer, model))),
    ];
  }

  /** The lists of a play. A click more than the last time costs one step; other changes repeat the session. */
  answer(play: Play): Answer {
    const known = play.clicks.filter((id) => this.catalogue.has(id));
    const unknown = play.clicks.filter((id) => !this.catalogue.has(id));
    if (known.length === 0) return { lists: [], unknown };
    const selection = this.#selectionOf(play);
    return { lists: this.#followers.map((one) => one.list(known, play.count, selection)), unknown };
  }

  /** How the model's list of a play came about, in its order; undefined if there is none. */
  explain(play: Play): Contributions | undefined {
    const [list] = this.answer(play).lists;
    if (!list) return undefined;
    const indexOf = (id: string): number => this.catalogue.indexOf(id) ?? -1;
    const clicks = play.clicks.map(indexOf).filter((item) => item >= 0);
    const listed = list.items.map(({ id }) => id);
    const contributions = leaveOneOut(clicks, listed.map(indexOf), {
      scoresAfter: (some) => this.#scoresAfter(some),
      measure: this.model.config.loss === 'cross-entropy' ? 'log-probability' : 'above-mean',
      excluded: this.#excludedOf(play, clicks),
    });
    return { ...contributions, parts: this.model.explain(play.clicks, listed) };
  }

  /** Loads the programs and allocates scores, which the first click would wait for. */
  warmUp(): void {
    const [first] = this.catalogue.data.ids;
    if (first !== undefined) this.answer({ ...firstPlay, clicks: [first] });
    for (const one of this.#followers) one.close();
  }

  close(): void {
    for (const one of this.#followers) one.close();
    this.model.dispose();
  }

  #scoresAfter(clicks: readonly number[]): Float32Array | Float64Array {
    const { live } = this.model;
    const state = new Float32Array(live.stateLength);
    for (const item of clicks) live.advance([{ state, item }]);
    return live.scoreAll(state).slice() as Float32Array | Float64Array;
  }

  #excludedOf(play: Play, clicks: readonly number[]): Set<number> {
    const resolved = new ResolvedSelection(this.#selectionOf(play), { itemIds: this.model.itemIds, n: 0 });
    const { excluded, allowed } = resolved.rules(play.hideSeen ? clicks : []);
    const items = Array.from({ length: this.catalogue.length }, (_, item) => item);
    return new Set(items.filter((item) => excluded.has(item) || allowed?.has(item) === false));
  }

  #selectionOf({ hideSeen, hidden, groups, perGroup }: Play): Selection {
    const unavailable = this.catalogue.data.unavailable ?? [];
    return {
      excludeSeen: hideSeen,
      deny: [...hidden, ...unavailable],
      allow: groups.length > 0 ? this.catalogue.idsIn(groups) : undefined,
      ...(perGroup > 0 && { groups: (id: string) => this.catalogue.groupOf(id), maxPerGroup: perGroup }),
    };
  }
}

interface PlayedSession {
  click(id: string): unknown;
  recommend(n: number, selection: Selection): readonly Recommendation[];
  close?(): void;
}

/** Keeps the session of the last list, to continue it with the next click. */
class Follower {
  readonly #name: string;
  readonly #start: () => PlayedSession;
  #session: PlayedSession | undefined;
  #clicked: readonly string[] = [];
  #milliseconds = 0;

  constructor(name: string, start: () => PlayedSession) {
    this.#name = name;
    this.#start = start;
  }

  /** @param clicks - ids that the model knows, at least one. */
  list(clicks: readonly string[], n: number, selection: Selection): RankedList {
    if (!this.#session || this.#clicked.some((id, at) => clicks[at] !== id)) {
      this.close();
      this.#session = this.#start();
    }
    const session = this.#session;
    const missing = clicks.slice(this.#clicked.length);
    for (const id of missing.slice(0, -1)) session.click(id);
    const before = performance.now();
    for (const id of missing.slice(-1)) session.click(id);
    const items = session.recommend(n, selection).map(({ id, score }) => ({ id, score }));
    if (missing.length > 0) this.#milliseconds = performance.now() - before;
    this.#clicked = clicks;
    return { name: this.#name, items, milliseconds: this.#milliseconds };
  }

  close(): void {
    this.#session?.close?.();
    this.#session = undefined;
    this.#clicked = [];
  }
}

/** A baseline's session, with lists by the rules of the model's. */
class BaselineSession implements PlayedSession {
  readonly #model: Gru4Rec;
  readonly #session: ScoringSession;
  readonly #seen = new Set<string>();
  readonly #resetMask = Float32Array.of(1);
  #scores: ScoredItems | undefined;

  constructor(scorer: Scorer, model: Gru4Rec) {
    this.#model = model;
    this.#session = scorer.open(1);
  }

  click(id: string): void {
    const item = this.#model.itemIndex(id);
    if (item === undefined) return;
    this.#resetMask[0] = this.#seen.size === 0 ? 1 : 0;
    const scores = this.#session.step(Int32Array.of(item), this.#resetMask);
    this.#scores = new ScoredItems(scores, this.#model.itemIds);
    this.#seen.add(id);
  }

  recommend(n: number, { excludeSeen, deny = [], ...selection }: Selection): Recommendation[] {
    const denied = [...deny, ...(excludeSeen ? this.#seen : [])];
    return this.#scores?.recommend(n, { ...selection, deny: denied }) ?? [];
  }

  close(): void {
    this.#session.close();
  }
}

/** The model's output table: a row per item, which scores it. @throws RangeError if the model has none. */
export function embeddingOf(model: Gru4Rec): ItemRows {
  const table = model.tensors.find(({ name }) => name === 'Wy');
  if (!table) throw new RangeError('The model has no output table "Wy".');
  return table;
}
