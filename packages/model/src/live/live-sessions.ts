import { callback, checkOptions, integer, type OptionChecks, oneOf, positive, text } from '@gru4rec/checks';
import { type ItemIds, ItemIdTable } from '@gru4rec/dataset/ids';
import { LRUCache } from 'lru-cache';
import type { ClickContext, ClickEncoder } from '../programs/click-features.ts';
import type { TrendingClicks } from '../storage/stored-model.ts';
import type { LiveEvent, LivePrograms } from './live-engine.ts';
import {
  PURCHASE,
  type Ranking,
  type Recommendation,
  Recommender,
  ScoredItems,
  SeenItems,
  type SessionState,
} from './recommender.ts';
import { type ListStart, type RelatedKind, relatedKinds } from './related.ts';
import { readSelection, type Selection } from './selection.ts';

/** One visitor's session. Sessions share the model's memory, and each has its own hidden state. */
export class LiveSession {
  readonly #recommender: Recommender<LivePrograms>;
  readonly #session: SessionState;
  readonly #unknownIds: string[] = [];
  readonly #popular: () => ScoredItems;

  constructor(recommender: Recommender<LivePrograms>, popular: () => ScoredItems) {
    this.#recommender = recommender;
    this.#popular = popular;
    const state = new Float32Array(recommender.engine.stateLength);
    this.#session = { state, seen: new SeenItems(Number.POSITIVE_INFINITY) };
  }

  /** Clicked ids that the model does not know, which were skipped. */
  get unknown(): readonly string[] {
    return this.#unknownIds;
  }

  /**
   * Takes a click on an item, as of `LiveClick`.
   * @returns false if the model does not know it: the click is skipped.
   */
  click(itemId: string | number, context?: ClickContext): boolean {
    const item = this.#recommender.itemIndex(itemId);
    if (item === undefined) {
      this.#unknownIds.push(String(itemId));
      return false;
    }
    const features = this.#recommender.featuresOf(context);
    this.#recommender.engine.advance([{ state: this.#session.state, item, features }]);
    const remembered = { purchaseType: PURCHASE, limit: Number.POSITIVE_INFINITY };
    this.#recommender.remember(this.#session, item, context, remembered);
    return true;
  }

  /**
   * The `n` most likely next items, or all if they are fewer, best first; equal scores by item index. Before the first known
   * click, the items with the most recent clicks.
   */
  recommend(n: number, selection: Selection = {}): Recommendation[] {
    if (this.#session.seen.size === 0) return this.#popular().recommend(n, selection);
    return this.#recommender.recommend([this.#session], n, selection)[0] ?? [];
  }

  /** Orders candidates; only they are scored. Before the first known click, by recent clicks. */
  rank(itemIds: Iterable<string>, selection: Selection = {}): Ranking {
    if (this.#session.seen.size === 0) return this.#popular().rank(itemIds, selection);
    return this.#recommender.rank(this.#session, itemIds, selection);
  }
}

/** Limits of the sessions that are held. */
export interface LiveSessionsOptions {
  /** The most sessions held at once (100,000). A new one replaces the least recently used one. */
  readonly capacity?: number | undefined;
  /** A session that is not used for longer than this expires (30 minutes). */
  readonly maxAgeMs?: number | undefined;
  /** The most events per engine call (32). */
  readonly slots?: number | undefined;
  /** Distinct items that a session remembers for `excludeSeen` and `excludePurchased`, the latest ones (256). */
  readonly seenItems?: number | undefined;
  /** Type of the clicks that `excludePurchased` is about (`purchase`). */
  readonly purchaseType?: string | undefined;
  /** The current time in milliseconds (`Date.now`). */
  readonly now?: (() => number) | undefined;
}

const checks: OptionChecks<LiveSessionsOptions> = {
  capacity: integer(1),
  maxAgeMs: positive,
  slots: integer(1),
  seenItems: integer(1),
  now: callback,
  purchaseType: text,
};

/** A click on an item. */
export interface LiveClick {
  readonly session: string;
  /** Item id; a whole number is its digits. */
  readonly item: string | number;
  /** Values by column, such as `{ type: 'cart' }`, for `clickFeatures` and `excludePurchased`; others are ignored. */
  readonly context?: ClickContext | undefined;
}

/** The result of a click. */
export interface ClickResult {
  /** Whether the model knows the item. If not, the click did nothing. */
  readonly known: boolean;
  /** Whether the click started a session: a new one, or one that had expired or ended. */
  readonly started: boolean;
}

interface HeldSession extends SessionState {
  lastUsedMs: number;
}

const NOTHING_DONE: ClickResult = { known: false, started: false };

/**
 * Sessions of many visitors, by id, in bounded memory. A session starts at its first click on a known item. It is over when
 * `end` is called, `maxAgeMs` after its last use (a click on a known item, or an answer), or when `capacity` is full and all
 * others were used later.
 */
export class LiveSessions {
  readonly #recommender: Recommender<LivePrograms>;
  readonly #popular: () => ScoredItems;
  readonly #capacity: number;
  readonly #maxAgeMs: number;
  readonly #seenItems: number;
  readonly #purchaseType: string;
  readonly #now: () => number;
  readonly #rounds: ClickRounds;
  readonly #states: StatePool;
  /** By id. A session that is used again ages anew; the clock does not move within a call. */
  readonly #held: LRUCache<string, HeldSession>;

  constructor(
    recommender: Recommender<LivePrograms>,
    options: LiveSessionsOptions | undefined = {},
    popular: () => ScoredItems,
  ) {
    checkOptions('sessions', options, checks);
    const { capacity = 100_000, maxAgeMs = 30 * 60_000, slots = 32, seenItems = 256 } = options;
    this.#recommender = recommender;
    this.#popular = popular;
    this.#capacity = capacity;
    this.#maxAgeMs = maxAgeMs;
    this.#seenItems = seenItems;
    this.#purchaseType = options.purchaseType ?? PURCHASE;
    this.#now = options.now ?? Date.now;
    const { engine } = recommender;
    engine.reserve(slots);
    this.#rounds = new ClickRounds(engine, slots);
    this.#states = new StatePool(engine.stateLength, capacity);
    // Not `max`, which would take the memory of all sessions at once.
    const sizes = { maxSize: capacity, sizeCalculation: () => 1 };
    this.#held = new LRUCache({ ...sizes, dispose: ({ state }) => this.#states.release(state) });
  }

  /** Number of live sessions. */
  get size(): number {
    this.evict();
    return this.#held.size;
  }

  /** Whether a session is live: started, and neither ended nor expired. */
  has(session: string): boolean {
    return this.#find(session, this.#now()) !== undefined;
  }

  /**
   * Takes clicks of any sessions as if they came one by one, in the order given. @returns the result of each.
   * @throws TypeError if an id is not a string; then no click counts.
   */
  click(events: readonly LiveClick[]): ClickResult[] {
    events.forEach(checkClick);
    const now = this.#now();
    this.#evictBefore(now);
    const results = events.map((event) => this.#take(event, now));
    this.#rounds.run();
    return results;
  }

  /**
   * As `recommend` of a live session. Of a session that is not live, the items with the most recent clicks, as `recommendEach` and
   * `rank` do.
   */
  recommend(session: string, n: number, selection: Selection = {}): Recommendation[] {
    return this.recommendEach([session], n, selection)[0] ?? [];
  }

  /** The same list of several sessions at once, in less time than one by one. @returns a list per session. */
  recommendEach(sessions: readonly string[], n: number, selection: Selection = {}): Recommendation[][] {
    const now = this.#now();
    const some = readSelection('recommend', selection);
    const used = sessions.map((session) => this.#use(session, now));
    const live = used.filter((one) => one !== undefined);
    const lists = this.#recommender.recommend(live, n, some);
    if (live.length === used.length) return lists;
    const most = this.#popular().recommend(n, some);
    return used.map((one) => (one ? (lists.shift() ?? []) : most));
  }

  /** Orders candidates; only they are scored. */
  rank(session: string, itemIds: Iterable<string>, selection: Selection = {}): Ranking {
    const live = this.#use(session, this.#now());
    return live ? this.#recommender.rank(live, itemIds, selection) : this.#popular().rank(itemIds, selection);
  }

  /** Ends a session. @returns false if it was not live. */
  end(session: string): boolean {
    return this.#find(session, this.#now()) !== undefined && this.#held.delete(session);
  }

  /** Removes expired sessions, as clicks do. @returns how many. */
  evict(): number {
    return this.#evictBefore(this.#now());
  }

  #take({ session, item: itemId, context }: LiveClick, now: number): ClickResult {
    const item = this.#recommender.itemIndex(itemId);
    if (item === undefined) return NOTHING_DONE;
    // One more session could evict one whose events are waiting.
    if (this.#rounds.sessions === this.#capacity && !this.#rounds.has(session)) this.#rounds.run();
    const known = this.#use(session, now);
    const live = known ?? this.#start(session, now);
    this.#rounds.add(session, { state: live.state, item, features: this.#recommender.featuresOf(context) });
    const remembered = { purchaseType: this.#purchaseType, limit: this.#seenItems };
    this.#recommender.remember(live, item, context, remembered);
    return { known: true, started: !known };
  }

  #start(session: string, now: number): HeldSession {
    // First, because the new session reuses the state.
    if (this.#held.size === this.#capacity) this.#held.pop();
    const seen = new SeenItems(this.#seenItems);
    const live: HeldSession = { state: this.#states.acquire(), seen, lastUsedMs: now };
    this.#held.set(session, live);
    return live;
  }

  #use(session: string, now: number): HeldSession | undefined {
    const live = this.#find(session, now) && this.#held.get(session);
    if (live) live.lastUsedMs = now;
    return live;
  }

  #find(session: string, now: number): HeldSession | undefined {
    const live = this.#held.peek(session);
    if (!live || !this.#isOver(live, now)) return live;
    this.#held.delete(session);
    return undefined;
  }

  #isOver({ lastUsedMs }: HeldSession, now: number): boolean {
    return now - lastUsedMs > this.#maxAgeMs;
  }

  #evictBefore(now: number): number {
    const before = this.#held.size;
    const oldest = () => this.#held.rvalues().next().value;
    for (let live = oldest(); live && this.#isOver(live, now); live = oldest()) this.#held.pop();
    return before - this.#held.size;
  }
}

function checkClick({ session, item }: LiveClick, index: number): void {
  for (const [name, id] of Object.entries({ session, item })) {
    if (typeof id !== 'string' && !(name === 'item' && Number.isSafeInteger(id))) {
      throw new TypeError(`click: "events[${index}].${name}" expected a string, got ${JSON.stringify(id)}`);
    }
  }
}

/** Events of many sessions, sorted into rounds: round k has the k-th event of each session. */
export class ClickRounds {
  readonly #engine: Pick<LivePrograms, 'advance'>;
  readonly #slots: number;
  #rounds: LiveEvent[][] = [];
  readonly #counts = new Map<string | number, number>();

  /** @param slots - the most events per engine call. */
  constructor(engine: Pick<LivePrograms, 'advance'>, slots: number) {
    this.#engine = engine;
    this.#slots = slots;
  }

  /** Number of sessions with waiting events. */
  get sessions(): number {
    return this.#counts.size;
  }

  /** Whether an event of this session waits. */
  has(session: string | number): boolean {
    return this.#counts.has(session);
  }

  /** Adds the next event of a session. */
  add(session: string | number, event: LiveEvent): void {
    const round = this.#counts.get(session) ?? 0;
    this.#counts.set(session, round + 1);
    this.#rounds[round] ??= [];
    this.#rounds[round].push(event);
  }

  /** Runs all events, round by round. */
  run(): void {
    const rounds = this.#rounds;
    this.#rounds = [];
    this.#counts.clear();
    for (const round of rounds) {
      for (let start = 0; start < round.length; start += this.#slots) {
        this.#engine.advance(round.slice(start, start + this.#slots));
      }
    }
  }
}

const CHUNK_ROWS = 1024;

/** Reusable rows of equal length, cut from chunks of memory. The pool has as many as were ever in use at once. */
export class StatePool {
  readonly #length: number;
  readonly #capacity: number;
  readonly #free: Float32Array[] = [];
  #chunk = new Float32Array();
  #used = 0;
  #rows = 0;

  constructor(length: number, capacity: number) {
    this.#length = length;
    this.#capacity = capacity;
  }

  acquire(): Float32Array {
    return this.#free.pop()?.fill(0) ?? this.#cut();
  }

  release(row: Float32Array): void {
    this.#free.push(row);
  }

  #cut(): Float32Array {
    if (this.#used === this.#rows) {
      const rows = Math.min(CHUNK_ROWS, this.#capacity - this.#rows);
      this.#chunk = new Float32Array(rows * this.#length);
      this.#rows += rows;
    }
    const start = (this.#used++ % CHUNK_ROWS) * this.#length;
    return this.#chunk.subarray(start, start + this.#length);
  }
}

/** Which related items to list, and which of them. */
export interface RelatedOptions extends Selection {
  /**
   * `next`: the answer to one click on the item (the default). `together`: items that share sessions with it, where the model has
   * counted them, else `next`. `alike`: items whose features are like its own.
   */
  readonly kind?: RelatedKind | undefined;
  /** Number of items (20). */
  readonly n?: number | undefined;
}

/** Items related to one item, best first. */
export interface RelatedItems {
  /** What the items come from. */
  readonly source: RelatedKind;
  readonly items: readonly Recommendation[];
}

/** What live sessions need of a recommender. */
export interface LiveParts {
  readonly live: LivePrograms;
  readonly itemIds: ItemIds;
  readonly recentClicks?: Float32Array | undefined;
  readonly trending?: TrendingClicks | undefined;
  readonly checksum?: string | undefined;
  readonly clicks?: ClickEncoder | undefined;
}

/** Live sessions over programs that advance and score sessions, such as the programs of a model. */
export class LiveRecommender {
  readonly itemIds: ItemIds;
  /** [I] clicks per item in the sessions that its training saw last, if it was trained here. */
  readonly recentClicks?: Float32Array | undefined;
  /** Decayed clicks of its training. */
  trending?: TrendingClicks | undefined;
  /** SHA-256 of its manifest, which covers all files; only of one that was read from a folder. */
  readonly checksum?: string;
  /** The programs of live sessions by item index, for callers that keep the sessions' states themselves. */
  readonly live: LivePrograms;
  /** Finds the features of clicks for `live`; undefined without `clickFeatures`. */
  readonly clicks: ClickEncoder | undefined;
  readonly #recommender: Recommender<LivePrograms>;
  #cold: ScoredItems | undefined;

  constructor({ live, itemIds, recentClicks, trending, checksum, clicks }: LiveParts) {
    this.live = live;
    this.itemIds = ItemIdTable.of(itemIds);
    if (recentClicks) this.recentClicks = recentClicks;
    this.trending = trending;
    if (checksum !== undefined) this.checksum = checksum;
    this.clicks = clicks;
    this.#recommender = new Recommender(live, this.itemIds, clicks);
  }

  /** Dense index of a caller's item id; undefined for an item that is not known. */
  itemIndex(itemId: string): number | undefined {
    return this.#recommender.itemIndex(itemId);
  }

  /** For a session without a known click: the items with the most recent clicks; undefined if not recorded (imported models). */
  popularItems(): ScoredItems | undefined {
    return this.recentClicks && new ScoredItems(this.popularity, this.itemIds, this.live);
  }

  /** [I] (fresh) scores of the popular items; zeros if nothing is recorded. */
  get popularity(): Float32Array {
    const scores = new Float32Array(this.itemIds.length);
    scores.set(this.trending?.clicks ?? this.recentClicks ?? []);
    return scores;
  }

  /** Starts a live session. A click costs one step, however long the session is. */
  startSession(): LiveSession {
    return new LiveSession(this.#recommender, this.#popular);
  }

  /** Many live sessions by id, stepped together, in bounded memory. */
  sessions(options?: LiveSessionsOptions): LiveSessions {
    return new LiveSessions(this.#recommender, options, this.#popular);
  }

  /**
   * Items related to one item, which is none of them.
   * @returns undefined for an item that is not known.
   * @throws RangeError for `alike` of a recommender without features of items.
   * @example
   * model.related('214536502', { kind: 'together', n: 10 })?.items;
   */
  related(itemId: string, options: RelatedOptions = {}): RelatedItems | undefined {
    const { kind = 'next', n = 20, ...selection } = options;
    checkOptions<Pick<RelatedOptions, 'kind' | 'n'>>(
      'related',
      { kind, n },
      { kind: oneOf(relatedKinds), n: integer(1) },
    );
    const item = this.itemIndex(itemId);
    if (item === undefined) return undefined;
    const start = this.startOf(item, kind);
    return { source: start.kind, items: this.#recommender.related(item, start, n, selection) };
  }

  /**
   * What a list of related items starts from, for callers that select by item index. With `kind` `together`, it may be `next`.
   * @throws RangeError as `related`.
   */
  startOf(item: number, kind: RelatedKind): ListStart {
    if (kind === 'alike') {
      throw new RangeError(
        'related: "kind" expected next or together of a recommender without features of items, got alike. Train a model with itemFeatures',
      );
    }
    const state = new Float32Array(this.live.stateLength);
    this.live.advance([{ state, item }]);
    return { kind: 'next', scores: this.live, state };
  }

  /** The popular items, as the server has them: without recent clicks, all have the score 0. */
  readonly #popular = (): ScoredItems => {
    this.#cold ??= new ScoredItems(this.popularity, this.itemIds, this.live);
    return this.#cold;
  };
}
