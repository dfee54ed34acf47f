import type { Scorer } from '@gru4rec/metrics';
import type { Engine, Runtime } from '@gru4rec/program';
import { type DatasetReference, type StoredModel, saveModel } from './checkpoint.ts';
import { type ModelConfig, stepConfig } from './config.ts';
import type { EpochRecord } from './epoch-record.ts';
import { openScoring } from './scoring.ts';
import { buildScoreStep } from './step.ts';
import type { StoredTensor } from './stored-tensor.ts';
import { Visit } from './visit.ts';

/** What a model is made of, and the engine that runs it. */
export interface ModelParts extends StoredModel {
  readonly engine: Engine;
}

/** A trained GRU4Rec. */
export class Gru4Rec {
  readonly config: ModelConfig;
  readonly itemIds: readonly string[];
  readonly history: readonly EpochRecord[];
  readonly tensors: readonly StoredTensor[];
  private readonly engine: Engine;
  private readonly indexById: ReadonlyMap<string, number>;
  private visits: Runtime | undefined;

  constructor(parts: ModelParts) {
    this.config = parts.config;
    this.engine = parts.engine;
    this.itemIds = parts.itemIds;
    this.history = parts.history;
    this.tensors = parts.tensors;
    this.indexById = new Map(parts.itemIds.map((id, index) => [id, index]));
  }

  /** Dense index of a caller's item id; undefined for items the model has not seen in training. */
  itemIndex(itemId: string): number | undefined {
    return this.indexById.get(itemId);
  }

  /** A scorer of many sessions side by side, for `evaluate`. */
  scorer(): Scorer {
    return {
      name: 'GRU4Rec',
      itemCount: this.itemIds.length,
      open: (slots) => openScoring(this.loadScoring(slots, 'score'), slots),
    };
  }

  /** A live session: a click costs one step, whatever came before it. */
  startSession(): Visit {
    this.visits ??= this.loadScoring(1, 'visit');
    return new Visit(this.visits, this);
  }

  /**
   * Writes the model as a folder, whole or not at all.
   * @param directory - created, or replaced if it holds a model.
   * @throws ModelError if it holds something else or cannot be written.
   */
  async save(directory: string, info: { dataset?: DatasetReference } = {}): Promise<void> {
    await saveModel(this, directory, info);
  }

  /** Frees what live sessions use; they must not be used afterwards. */
  dispose(): void {
    this.visits?.dispose();
    this.visits = undefined;
  }

  private loadScoring(slots: number, name: string): Runtime {
    const program = buildScoreStep(stepConfig(this.config), this.itemIds.length, slots, name);
    const runtime = this.engine.load([program]);
    const needed = new Set(runtime.variables.map((v) => v.name));
    for (const { name: tensor, values } of this.tensors)
      if (needed.has(tensor)) runtime.write(tensor, values);
    return runtime;
  }
}
