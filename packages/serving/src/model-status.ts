import type { AddedItems, Probing } from '@gru4rec/model';
import type { InferenceOptions } from './inference/inference.ts';
import type { ModelVersion } from './inference/model-version.ts';
import type { StartOptions } from './inference/start-version.ts';
import type { ItemsFile } from './items-file.ts';

/** A model to serve. */
export interface ModelSource {
  /** Name of the model in answers, metrics and paths. */
  readonly name: string;
  /** Folder of the model, which may be replaced while the model is served. */
  readonly directory: string;
  /** The model's share of the sessions, relative to the shares of the other models (1). */
  readonly weight?: number;
}

/** What `/v1/models` says about a model. */
export interface ModelStatus {
  readonly name: string;
  /** `ready` while any version serves. */
  readonly status: 'loading' | 'ready' | 'failed';
  readonly version: string | null;
  /** What all versions of one learner have in common; else the version. */
  readonly lineage: string | null;
  readonly items: number | null;
  readonly loadedAt: string | null;
  /** Where it computes: in its thread, or on the event loop if it answers faster than a message to a thread travels. */
  readonly place: ModelVersion['place'] | null;
  /** What its lists read; null if they are exact. */
  readonly probing: Probing | null;
  /** Why the latest load failed; an earlier version may serve. */
  readonly error: string | null;
}

/** What happens to a model, for the log. */
export type ModelEvent =
  | { readonly kind: 'loaded'; readonly model: string; readonly version: string; readonly ms: number }
  /** The version that serves, with more items. */
  | { readonly kind: 'items'; readonly model: string; readonly version: string; readonly ms: number }
  /** Learnt from clicks, unlike a version that was loaded. */
  | { readonly kind: 'published'; readonly model: string; readonly version: string; readonly ms: number }
  | { readonly kind: 'failed'; readonly model: string; readonly error: Error };

/** What a served model needs. */
export interface ServedModelOptions {
  readonly inference: Omit<InferenceOptions, 'onFailure'>;
  readonly items: ItemsFile | undefined;
  /** The engine of models that answer on the event loop. Without, all have threads. */
  readonly loopEngine?: StartOptions['loopEngine'];
  /** Whether versions are published. The folder is then read only once. */
  readonly learns?: boolean;
  readonly onEvent: (event: ModelEvent) => void;
}

/** What learns the items that a model lacks, in the place of the model itself. */
export interface ItemLearner {
  /** Whether it takes no more items. */
  readonly isStopped: boolean;
  /** Makes items known to the versions from the next one on, and publishes it. Items that it knows stay. */
  addItems(items: AddedItems): Promise<void>;
}
