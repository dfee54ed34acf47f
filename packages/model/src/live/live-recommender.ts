import { type ItemIds, ItemIdTable } from '@gru4rec/item-ids';
import type { ClickEncoder } from '../programs/click-features.ts';
import type { LivePrograms } from './live-engine.ts';
import { LiveSession, LiveSessions, type LiveSessionsOptions } from './live-sessions.ts';
import { Recommender, ScoredItems } from './recommender.ts';

/** What live sessions need of a recommender. */
export interface LiveParts {
  readonly live: LivePrograms;
  /** Caller's id of each item index. */
  readonly itemIds: ItemIds;
  /** [I] clicks per item in the latest training sessions, if they are recorded. */
  readonly recentClicks?: Float32Array | undefined;
  /** SHA-256 of its manifest, of one that was read. */
  readonly checksum?: string | undefined;
  /** Finds the features of clicks, if the programs read any. */
  readonly clicks?: ClickEncoder | undefined;
}

/** Live sessions over programs that advance and score sessions, such as the programs of a model. */
export class LiveRecommender {
  readonly itemIds: ItemIds;
  /** [I] clicks per item in the sessions that its training saw last, if it was trained here. */
  readonly recentClicks?: Float32Array;
  /** SHA-256 of its manifest, which covers all files; only of one that was read from a folder. */
  readonly checksum?: string;
  /** The programs of live sessions by item index, for callers that keep the sessions' states themselves. */
  readonly live: LivePrograms;
  /** Finds the features of clicks for `live`; undefined without `clickFeatures`. */
  readonly clicks: ClickEncoder | undefined;
  readonly #recommender: Recommender<LivePrograms>;
  /** Answers sessions without a known click; made once one asks. */
  #cold: ScoredItems | undefined;

  constructor({ live, itemIds, recentClicks, checksum, clicks }: LiveParts) {
    this.live = live;
    this.itemIds = ItemIdTable.of(itemIds);
    if (recentClicks) this.recentClicks = recentClicks;
    if (checksum !== undefined) this.checksum = checksum;
    this.clicks = clicks;
    this.#recommender = new Recommender(live, this.itemIds, clicks);
  }

  /** Dense index of a caller's item id; undefined for an item that is not known. */
  itemIndex(itemId: string): number | undefined {
    return this.#recommender.itemIndex(itemId);
  }

  /**
   * What a session without a known click gets: the items with the most recent clicks; undefined if none are recorded,
   * as in imported models.
   */
  popularItems(): ScoredItems | undefined {
    return this.recentClicks && new ScoredItems(this.recentClicks, this.itemIds);
  }

  /** Starts a live session. A click costs one step, however long the session is. */
  startSession(): LiveSession {
    return new LiveSession(this.#recommender, this.#popular);
  }

  /** Many live sessions by id, stepped together, in bounded memory. */
  sessions(options?: LiveSessionsOptions): LiveSessions {
    return new LiveSessions(this.#recommender, options, this.#popular);
  }

  /** The popular items, as the server has them: without recent clicks, all have the score 0. */
  readonly #popular = (): ScoredItems => {
    const counts = this.recentClicks ?? new Float32Array(this.itemIds.length);
    this.#cold ??= new ScoredItems(counts, this.itemIds);
    return this.#cold;
  };
}
