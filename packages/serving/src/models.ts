import type { Worker } from 'node:worker_threads';
import { halfSipHash } from '@gru4rec/item-ids';
import { Inference, type InferenceOptions } from './inference/inference.ts';
import type { ItemCatalogue } from './inference/messages.ts';
import type { ItemsFile } from './items-file.ts';
import type { SharedModel } from './learning/shared-model.ts';
import { Problem } from './problem.ts';
import { stateOfFiles, watchFiles } from './watch-files.ts';

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
  /** Why the latest load failed; an earlier version may serve. */
  readonly error: string | null;
}

/** What happens to a model, for the log. */
export type ModelEvent =
  | { readonly kind: 'loaded'; readonly model: string; readonly version: string; readonly ms: number }
  /** Learnt from clicks, unlike a version that was loaded. */
  | { readonly kind: 'published'; readonly model: string; readonly version: string; readonly ms: number }
  | { readonly kind: 'failed'; readonly model: string; readonly error: Error };

/** What a served model needs. */
export interface ServedModelOptions {
  readonly inference: Omit<InferenceOptions, 'onFailure'>;
  readonly items: ItemsFile | undefined;
  /** Whether versions are published. The folder is then read only once. */
  readonly learns?: boolean;
  readonly onEvent: (event: ModelEvent) => void;
}

/** A model by name: the version that serves, and how it is replaced by the next. */
export class ServedModel {
  readonly name: string;
  readonly directory: string;
  readonly weight: number;
  readonly #options: ServedModelOptions;
  #current: Inference | undefined;
  #published: SharedModel | undefined;
  /** Until the version before has answered its last question. */
  #leaving: Promise<void> | undefined;
  /** A thread that no version uses. */
  #spare: Worker | undefined;
  #loadedAt: Date | undefined;
  #error: string | undefined;
  #loading: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #closed = false;

  constructor({ name, directory, weight = 1 }: ModelSource, options: ServedModelOptions) {
    this.name = name;
    this.directory = directory;
    this.weight = weight;
    this.#options = options;
  }

  /**
   * The version that serves. A caller takes the ids of its answer from the same version, without awaiting in between,
   * because a replaced version closes once its queries are answered.
   *
   * @throws Problem 503 if none is loaded.
   */
  get inference(): Inference {
    if (this.#current) return this.#current;
    throw new Problem(503, `The model "${this.name}" is ${this.#loading ? 'still loading' : 'not loaded'}`);
  }

  get isReady(): boolean {
    return this.#current !== undefined;
  }

  /** Whether versions are published. */
  get learns(): boolean {
    return this.#options.learns ?? false;
  }

  get status(): ModelStatus {
    return {
      name: this.name,
      status: this.#current ? 'ready' : this.#loading ? 'loading' : 'failed',
      version: this.#current?.version ?? null,
      lineage: this.#current?.lineage ?? null,
      items: this.#current?.itemIds.length ?? null,
      loadedAt: this.#loadedAt?.toISOString() ?? null,
      error: this.#error ?? null,
    };
  }

  /**
   * Reads the folder again, checks it, warms it up and swaps it in. A load that is asked for during another one starts when
   * that one has ended, because the folder may have been replaced in between; all loads asked for meanwhile are one load.
   *
   * @throws Error if it fails; then the version that served before goes on.
   */
  load(): Promise<void> {
    if (this.#loading) {
      this.#next ??= this.#loading
        .catch(() => undefined)
        .then(() => {
          this.#next = undefined;
          return this.load();
        });
      return this.#next;
    }
    this.#loading = this.#load().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  /**
   * Swaps in a version from memory, which a thread without work prepares.
   * @throws Error if it fails; then the version that served before goes on.
   */
  publish(model: SharedModel): Promise<void> {
    this.#published = model;
    return this.load();
  }

  /** Applies the items file again, after it has changed. */
  async useItems(): Promise<void> {
    const inference = this.#current;
    if (inference) inference.useCatalogue(await this.#catalogueOf(inference));
  }

  /** Forgets the hidden state of a session. */
  forget(sessionId: string): void {
    this.#current?.forget(sessionId);
  }

  /** Number of sessions with a hidden state. */
  get states(): number {
    return this.#current?.states ?? 0;
  }

  /** Answers what is asked, then ends the thread. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#next?.catch(() => undefined);
    await this.#loading?.catch(() => undefined);
    await this.#current?.close();
    this.#current = undefined;
    await this.#spare?.terminate();
  }

  async #load(): Promise<void> {
    const start = performance.now();
    try {
      // So that two threads take turns; and a version's memory is written again when two others have followed.
      await this.#leaving;
      const model = this.#published;
      const spare = model && this.#takeSpare();
      const inference: Inference = await Inference.start(
        { directory: this.directory, model, spare },
        { ...this.#options.inference, onFailure: (error) => this.#lose(inference, error) },
      );
      if (this.#options.items) inference.useCatalogue(await this.#catalogueOf(inference));
      if (this.#closed) {
        // `close` has not seen it.
        await inference.close();
        return;
      }
      const before = this.#current;
      this.#current = inference;
      this.#loadedAt = new Date();
      this.#error = undefined;
      // Not awaited: it ends when its last question is answered.
      if (!this.learns) before?.close();
      else {
        this.#leaving = before?.release().then((worker) => this.#keepSpare(worker));
      }
      const ms = performance.now() - start;
      const kind = model ? 'published' : 'loaded';
      this.#options.onEvent({ kind, model: this.name, version: inference.version, ms });
    } catch (error) {
      this.#report(error as Error);
      throw error;
    }
  }

  #takeSpare(): Worker | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare;
  }

  #keepSpare(worker: Worker | undefined): void {
    if (this.#closed || this.#spare) worker?.terminate();
    else this.#spare = worker;
  }

  /** A thread that ended by itself is replaced. */
  #lose(inference: Inference, error: Error): void {
    if (this.#current !== inference || this.#closed) return;
    this.#current = undefined;
    this.#report(error);
    this.load().catch(() => undefined);
  }

  #report(error: Error): void {
    this.#error = error.message;
    this.#options.onEvent({ kind: 'failed', model: this.name, error });
  }

  async #catalogueOf({ itemIds }: Inference): Promise<ItemCatalogue | undefined> {
    return this.#options.items?.catalogueOf(itemIds);
  }
}

/** Equal in every server and run, so that a session keeps its model. */
const SPLIT_KEY = Int32Array.of(0x67727534, 0x73706c74);

/** All models of a server. */
export class Models {
  readonly all: readonly ServedModel[];
  readonly #weights: number;
  #endWatches: readonly (() => void)[] = [];

  /** @param models - at least one, with distinct names. */
  constructor(models: readonly ServedModel[]) {
    this.all = models;
    this.#weights = models.reduce((sum, { weight }) => sum + weight, 0);
  }

  get isReady(): boolean {
    return this.all.every((model) => model.isReady);
  }

  /** @throws Problem 404 if there is none of this name. */
  get(name: string): ServedModel {
    const found = this.all.find((model) => model.name === name);
    if (found) return found;
    const names = this.all.map((model) => model.name).join(', ');
    throw new Problem(404, `"name" expected one of ${names}, got ${JSON.stringify(name)}`);
  }

  /** The model of a session: always the same one, by the weights. */
  of(sessionId: string): ServedModel {
    const [first] = this.all;
    if (this.all.length === 1) return first;
    const bytes = Buffer.from(sessionId);
    const share = (halfSipHash(bytes, 0, bytes.length, SPLIT_KEY) >>> 0) / 2 ** 32;
    let left = share * this.#weights;
    for (const model of this.all) {
      left -= model.weight;
      if (left < 0) return model;
    }
    return first;
  }

  forget(sessionId: string): void {
    for (const model of this.all) model.forget(sessionId);
  }

  /** Loads each model again when its folder has changed. A change that cannot be loaded is in the model's status. */
  async watch(everyMs: number): Promise<void> {
    const watched = this.all.filter(({ learns }) => !learns);
    const watches = watched.map(async (model) => {
      const state = await stateOfFiles(model.directory);
      const onChange = () => model.load().catch(() => undefined);
      return watchFiles({ path: model.directory, state, everyMs, onChange });
    });
    this.#endWatches = await Promise.all(watches);
  }

  async close(): Promise<void> {
    for (const end of this.#endWatches) end();
    await Promise.all(this.all.map((model) => model.close()));
  }
}
