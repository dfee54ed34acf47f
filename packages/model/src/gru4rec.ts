import { type ItemIds, ItemIdTable } from '@gru4rec/item-ids';
import type { Scorer } from '@gru4rec/metrics';
import type { Engine, Program, Runtime } from '@gru4rec/program';
import type { ModelConfig } from './config.ts';
import { LiveEngine } from './live/live-engine.ts';
import { LiveSession } from './live/live-session.ts';
import { LiveSessions, type LiveSessionsOptions } from './live/live-sessions.ts';
import { Recommender } from './live/recommender.ts';
import { openScoring } from './scoring.ts';
import { type DatasetReference, readModel, type StoredModel, saveModel } from './storage/model-folder.ts';
import type { StoredTensor } from './storage/stored-tensor.ts';
import type { EpochRecord } from './training/epoch-record.ts';

/** What a model is made of, and the engine that runs it. */
export interface ModelParts extends StoredModel {
  readonly engine: Engine;
}

/** A trained GRU4Rec. */
export class Gru4Rec {
  readonly config: ModelConfig;
  readonly itemIds: ItemIds;
  readonly history: readonly EpochRecord[];
  readonly tensors: readonly StoredTensor[];
  readonly #engine: Engine;
  readonly #recommender: Recommender;

  /** @throws ItemIdError if an item id is there twice or has a lone surrogate. */
  constructor(parts: ModelParts) {
    this.config = parts.config;
    this.#engine = parts.engine;
    this.itemIds = ItemIdTable.of(parts.itemIds);
    this.history = parts.history;
    this.tensors = parts.tensors;
    const live = new LiveEngine({
      config: parts.config,
      itemCount: parts.itemIds.length,
      load: (programs) => this.#load(programs),
    });
    this.#recommender = new Recommender(live, this);
  }

  /** Dense index of a caller's item id; undefined for items the model has not seen in training. */
  itemIndex(itemId: string): number | undefined {
    const index = this.itemIds.indexOf(itemId);
    return index < 0 ? undefined : index;
  }

  /** A scorer of many sessions side by side, for `evaluate`. */
  scorer(): Scorer {
    const { config, itemIds } = this;
    return {
      name: 'GRU4Rec',
      itemCount: itemIds.length,
      open: (slots) =>
        openScoring({ config, itemCount: itemIds.length, slots, load: (program) => this.#load([program]) }),
    };
  }

  /** A live session: a click costs one step, whatever came before it. */
  startSession(): LiveSession {
    return new LiveSession(this.#recommender);
  }

  /**
   * Many live sessions by id, stepped together, in bounded memory.
   * @throws RangeError if an option is wrong.
   */
  sessions(options?: LiveSessionsOptions): LiveSessions {
    return new LiveSessions(this.#recommender, options);
  }

  /**
   * Writes the model as a folder, whole or not at all.
   * @param directory - created, or replaced if it holds a model.
   * @throws ModelError if it holds something else or cannot be written.
   */
  async save(directory: string, info: { dataset?: DatasetReference } = {}): Promise<void> {
    await saveModel(this, directory, info);
  }

  /** Frees the memory that live sessions share; if they go on, it is taken anew. */
  dispose(): void {
    this.#recommender.engine.dispose();
  }

  #load(programs: readonly Program[]): Runtime {
    const runtime = this.#engine.load(programs);
    const needed = new Set(runtime.variables.map((v) => v.name));
    for (const { name: tensor, values } of this.tensors)
      if (needed.has(tensor)) runtime.write(tensor, values);
    return runtime;
  }
}

/**
 * Reads a model folder and checks all of it.
 *
 * @throws ModelError naming the file: missing, foreign, another version, truncated or altered (checksum), or with tensors
 *   that do not fit the configuration.
 */
export async function loadModel(directory: string, options: { engine: Engine }): Promise<Gru4Rec> {
  return new Gru4Rec({ ...(await readModel(directory)), engine: options.engine });
}
