import { anything, checkOptions, required } from '@gru4rec/checked-options';
import { type ItemIds, ItemIdTable } from '@gru4rec/item-ids';
import type { Scorer } from '@gru4rec/metrics';
import type { Engine, Program, Runtime } from '@gru4rec/program';
import { readModel, saveModel } from '#storage';
import type { ModelConfig } from './config.ts';
import { LiveEngine, type LivePrograms } from './live/live-engine.ts';
import { LiveSession } from './live/live-session.ts';
import { LiveSessions, type LiveSessionsOptions } from './live/live-sessions.ts';
import { Recommender } from './live/recommender.ts';
import { ScoredItems } from './live/scored-items.ts';
import { loadPrograms, openScoring } from './scoring.ts';
import type { FetchOptions } from './storage/fetched-files.ts';
import type { SaveInfo, StoredModel } from './storage/stored-model.ts';
import type { StoredTensor } from './storage/stored-tensor.ts';
import type { EpochRecord } from './training/epoch-record.ts';

/** The parts of a model, and the engine that runs it. */
export interface ModelParts extends StoredModel {
  readonly engine: Engine;
}

/** A trained GRU4Rec. */
export class Gru4Rec {
  readonly config: ModelConfig;
  readonly itemIds: ItemIds;
  readonly history: readonly EpochRecord[];
  readonly tensors: readonly StoredTensor[];
  /** [I] clicks per item in the sessions that its training saw last, if it was trained here. */
  readonly recentClicks?: Float32Array;
  readonly #engine: Engine;
  readonly #recommender: Recommender;

  /** @throws ItemIdError if an item id occurs twice or has a lone surrogate. */
  constructor(parts: ModelParts) {
    this.config = parts.config;
    this.#engine = parts.engine;
    this.itemIds = ItemIdTable.of(parts.itemIds);
    this.history = parts.history;
    this.tensors = parts.tensors;
    if (parts.recentClicks) this.recentClicks = parts.recentClicks;
    const live = new LiveEngine({
      config: parts.config,
      itemCount: parts.itemIds.length,
      load: (programs) => this.#load(programs),
    });
    this.#recommender = new Recommender(live, this.itemIds);
  }

  /** Dense index of a caller's item id; undefined for an item that the model does not know. */
  itemIndex(itemId: string): number | undefined {
    return this.#recommender.itemIndex(itemId);
  }

  /** A scorer of many parallel sessions, for `evaluate`. */
  scorer(): Scorer {
    const { config, itemIds } = this;
    return {
      name: 'GRU4Rec',
      itemCount: itemIds.length,
      open: (slots) =>
        openScoring({ config, itemCount: itemIds.length, slots, load: (program) => this.#load([program]) }),
    };
  }

  /** The programs of live sessions by item index, for callers that keep the sessions' states themselves. */
  get live(): LivePrograms {
    return this.#recommender.engine;
  }

  /**
   * What a session without a known click gets: the items with the most recent clicks, in order of their number.
   *
   * @returns undefined if the model records no recent clicks, as imported models.
   */
  popularItems(): ScoredItems | undefined {
    return this.recentClicks && new ScoredItems(this.recentClicks, this.itemIds);
  }

  /** Starts a live session. A click costs one step, however long the session is. */
  startSession(): LiveSession {
    return new LiveSession(this.#recommender);
  }

  /**
   * Many live sessions by id, stepped together, in bounded memory.
   * @throws RangeError if an option is wrong.
   */
  sessions(options?: LiveSessionsOptions): LiveSessions {
    return new LiveSessions(this.#recommender, options, this.popularItems());
  }

  /**
   * Writes a model folder, completely or not at all.
   * @param directory - created, or replaced if it holds a model.
   * @throws ModelError if it holds something else or cannot be written.
   */
  async save(directory: string, info: SaveInfo = {}): Promise<void> {
    checkOptions<SaveInfo>('save', info, { dataset: anything, itemInfo: anything });
    await saveModel(this, directory, info);
  }

  /** Frees the engine memory that live sessions share. Using one of them allocates it again. */
  dispose(): void {
    this.#recommender.engine.dispose();
  }

  #load(programs: readonly Program[]): Runtime {
    return loadPrograms(this.#engine, programs, this.tensors);
  }
}

/**
 * Reads a model folder, or in a browser the folder of `gru4rec export --format web`, and checks all of it.
 *
 * @param location - path of a folder, or URL of a model for the web. In a page, it may be relative to the page.
 * @param options - the engine; for a URL, also a `signal` and `timeoutMs` that end fetching.
 * @throws ModelError naming the file: missing, foreign, another version, truncated or altered (checksum), or with tensors
 *   that do not fit the configuration; or the URL whose files did not come in `timeoutMs`.
 * @throws the reason of `signal`.
 */
export async function loadModel(
  location: string | URL,
  options: FetchOptions & { readonly engine: Engine },
): Promise<Gru4Rec> {
  const checks = { engine: required(anything), signal: anything, timeoutMs: anything };
  checkOptions<FetchOptions & { readonly engine: Engine }>('loadModel', options, checks);
  const { engine, ...fetching } = options;
  return new Gru4Rec({ ...(await readModel(location, fetching)), engine });
}
