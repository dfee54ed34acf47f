import { anything, checkOptions, required } from '@gru4rec/checked-options';
import type { Scorer } from '@gru4rec/metrics';
import type { Engine } from '@gru4rec/program';
import { readModel, saveModel } from '#storage';
import type { ModelConfig } from './config.ts';
import { LiveEngine } from './live/live-engine.ts';
import { LiveRecommender } from './live/live-recommender.ts';
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
export class Gru4Rec extends LiveRecommender {
  readonly config: ModelConfig;
  readonly history: readonly EpochRecord[];
  readonly tensors: readonly StoredTensor[];
  readonly #engine: Engine;
  readonly #live: LiveEngine;

  /** @throws ItemIdError if an item id occurs twice or has a lone surrogate. */
  constructor(parts: ModelParts) {
    const live = new LiveEngine({
      config: parts.config,
      itemCount: parts.itemIds.length,
      load: (programs) => loadPrograms(parts.engine, programs, parts.tensors),
    });
    super({ ...parts, live });
    this.config = parts.config;
    this.history = parts.history;
    this.tensors = parts.tensors;
    this.#engine = parts.engine;
    this.#live = live;
  }

  /** A scorer of many parallel sessions, for `evaluate`. */
  scorer(): Scorer {
    const { config, itemIds, tensors } = this;
    const engine = this.#engine;
    return {
      name: 'GRU4Rec',
      itemCount: itemIds.length,
      open: (slots) =>
        openScoring({
          config,
          itemCount: itemIds.length,
          slots,
          load: (program) => loadPrograms(engine, [program], tensors),
        }),
    };
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

  /** Frees the engine memory that live sessions share. The next use of a live session allocates the memory again. */
  dispose(): void {
    this.#live.dispose();
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
