import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { halfSipHash } from '@gru4rec/dataset/ids';
import type { ItemRow } from '@gru4rec/dataset/items';
import { followPointer } from '@gru4rec/durable-files';
import type { AddedItems } from '@gru4rec/model';
import type { FastifyBaseLogger } from 'fastify';
import { z } from 'zod';
import { describeCauses, Problem } from '../http/problem.ts';
import { type StartOptions, startVersion } from '../inference/loop-inference.ts';
import type { ModelVersion } from '../inference/model-version.ts';
import { ItemAdditions, type ItemChange } from '../items/item-additions.ts';
import type { ItemsFile } from '../items/items-file.ts';
import type { SharedModel } from '../learning/shared-model.ts';
import { SerialQueue } from '../serial-queue.ts';
import { stateOfModel, watchFiles } from '../watch-files.ts';

/** A model to serve. */
export interface ModelSource {
  readonly name: string;
  /** Or a file that names a folder beside it (`pointTo` of `@gru4rec/durable-files`). Either may be replaced while the model is served. */
  readonly directory: string;
  /** The model's share of the sessions, relative to the shares of the other models (1). */
  readonly weight?: number;
}

const text = z.string().nullable();
const probing = z.object({
  share: z.number().describe('About the part of the items that a list reads'),
  recall: z
    .number()
    .describe(
      'Part of the items of exact lists of 20 that lists have, on average, in made-up sessions: of those that begin with popular items and those that begin with any, the lesser',
    ),
  recallP5: z.number().describe('5th percentile of that part over the lists, likewise'),
});

export const modelStatus = z.object({
  name: z.string(),
  status: z.enum(['loading', 'ready', 'failed']).describe('ready while any version serves'),
  folder: text.describe(
    'Name of the folder that serves, as `models` lists it; of a model that learns, of the one it began with',
  ),
  version: text,
  lineage: text.describe(
    'Checksum of the model; of one that learns, of the model that it began with, which figures are about',
  ),
  items: z.int().nullable(),
  loadedAt: text,
  place: z.enum(['thread', 'event loop']).nullable().describe('Where it computes'),
  probing: probing
    .nullable()
    .describe(
      'How lists are found among many items, measured when the model was loaded; null: they are exact',
    ),
  error: text.describe('Why the latest load failed; an earlier version may serve'),
});

/** What `/v1/models` says about a model. */
export type ModelStatus = z.output<typeof modelStatus>;

export interface ServedModelOptions {
  readonly inference: Omit<StartOptions, 'onFailure' | 'learns'>;
  readonly items: ItemsFile | undefined;
  /** Whether versions are published. The folder is then only read for what they begin with. */
  readonly learns?: boolean;
  readonly logger?: FastifyBaseLogger | undefined;
  /** Called before a version serves. */
  readonly onVersion?: ((version: ModelVersion) => void) | undefined;
}

export interface NextModel {
  readonly lineage: string;
  readonly directory: string;
  readonly items: AddedItems | undefined;
  /** To be called before its first version is published. */
  use(): void;
}

export interface ItemLearner {
  readonly isStopped: boolean;
  /** Publishes a version that knows the items; those that it knows stay. */
  addItems(items: AddedItems): Promise<void>;
}

type State =
  | { readonly status: 'loading' | 'failed' | 'closed' }
  | { readonly status: 'ready'; readonly version: ModelVersion; readonly loadedAt: Date };

export class ServedModel {
  readonly name: string;
  readonly path: string;
  directory: string;
  readonly weight: number;
  /** The items that the folder's model lacks; undefined for a model without features. */
  additions: ItemAdditions | undefined;
  readonly #options: ServedModelOptions;
  #state: State = { status: 'loading' };
  /** Versions replace each other one at a time, and only after the one before has answered its last question. */
  readonly #swaps = new SerialQueue();
  /** A swap that has not begun; it serves all that ask for one until then. */
  #waiting: Promise<void> | undefined;
  #published: SharedModel | undefined;
  #itemLearner: ItemLearner | undefined;
  /** Whether the next load reads the folder, rather than adding items to what was read. */
  #readsFolder = true;
  reload = (): Promise<void> => this.load();
  /** Why the model of a changed folder does not learn. */
  #refused: string | undefined;
  #spare: Worker | undefined;
  #error: string | undefined;

  constructor({ name, directory, weight = 1 }: ModelSource, options: ServedModelOptions) {
    this.name = name;
    this.path = directory;
    this.directory = directory;
    this.weight = weight;
    this.#options = options;
  }

  /** Take the ids of an answer from it without awaiting: a replaced version closes once its queries are answered. */
  get inference(): ModelVersion {
    if (this.#state.status === 'ready') return this.#state.version;
    const why = this.#state.status === 'loading' ? 'still loading' : 'not loaded';
    throw new Problem(503, `The model "${this.name}" is ${why}`);
  }

  get isReady(): boolean {
    return this.#state.status === 'ready';
  }

  get #current(): ModelVersion | undefined {
    return this.#state.status === 'ready' ? this.#state.version : undefined;
  }

  get folder(): string {
    return basename(this.directory);
  }

  get learns(): boolean {
    return this.#options.learns ?? false;
  }

  get status(): ModelStatus {
    const { status } = this.#state;
    const version = this.#current;
    return {
      name: this.name,
      status: status === 'closed' ? 'failed' : status,
      folder: version ? this.folder : null,
      version: version?.version ?? null,
      lineage: version?.lineage ?? null,
      items: version?.itemIds.length ?? null,
      loadedAt: this.#state.status === 'ready' ? this.#state.loadedAt.toISOString() : null,
      place: version?.place ?? null,
      probing: version?.probing ?? null,
      error: this.#error ?? this.#refused ?? null,
    };
  }

  /** Reads the folder and serves it. Calls during a load make one more, since the folder may have been replaced in between. */
  load(): Promise<void> {
    this.#readsFolder = true;
    return this.#swap();
  }

  /** Reads the folder and checks it, beside the version that serves. @returns undefined for the model that learns already. */
  async readNext(): Promise<NextModel | undefined> {
    const { read, additions, directory } = await this.#read();
    this.#keepSpare(await read.close());
    this.#refused = undefined;
    if (read.lineage === (this.#published ?? this.#current)?.lineage) return undefined;
    const use = () => {
      this.additions = additions;
      this.directory = directory;
    };
    return { lineage: read.lineage, directory, items: additions?.added, use };
  }

  refuse(error: Error): void {
    this.#refused = error.message;
    this.#log(error);
  }

  #swap(): Promise<void> {
    this.#waiting ??= this.#swaps.run(() => {
      this.#waiting = undefined;
      return this.#load();
    });
    return this.#waiting;
  }

  publish(model: SharedModel): Promise<void> {
    this.#published = model;
    return this.load();
  }

  /** Whether items were added that are learnt, and nothing learns any more. */
  get refusesItems(): boolean {
    return this.#itemLearner?.isStopped ?? false;
  }

  /** @returns what each item was to the model, when a version with them serves. */
  async addItems(rows: readonly ItemRow[]): Promise<ItemChange[]> {
    const additions = this.additions;
    if (!additions) throw new RangeError(`The model ${this.name} has no features`);
    const { itemIds } = this.inference;
    const changes = rows.map(({ id, info }) => {
      const change = additions.take(id, info);
      if (!this.#itemLearner) return change;
      return itemIds.indexOf(id) < 0 ? 'new' : 'kept';
    });
    if (this.#lacksItems) await this.serveItems();
    else await this.#useCatalogue();
    return changes;
  }

  async serveItems(): Promise<void> {
    if (!this.additions) return;
    if (this.#itemLearner) await this.#itemLearner.addItems(this.additions.added);
    else await this.#swap();
  }

  /** @returns the items that were added so far. */
  learnItems(learner: ItemLearner): AddedItems | undefined {
    this.#itemLearner = learner;
    return this.additions?.added;
  }

  async useItems(): Promise<void> {
    const { items } = this.#options;
    try {
      if (items) await this.additions?.replace(items.rowsBeside(this.path));
      if (this.#lacksItems) await this.serveItems();
    } finally {
      await this.#useCatalogue();
    }
  }

  get #lacksItems(): boolean {
    const [additions, version] = [this.additions, this.#current];
    if (!additions || !version) return false;
    if (!this.#itemLearner) return version.version !== additions.model.version;
    return additions.added.ids.some((id) => version.itemIds.indexOf(id) < 0);
  }

  /** Resolves when nothing is loaded any more. */
  settled(): Promise<void> {
    return this.#swaps.idle();
  }

  forget(sessionId: string): void {
    this.#current?.forget(sessionId);
  }

  async close(): Promise<void> {
    const version = this.#current;
    this.#state = { status: 'closed' };
    await this.settled();
    await (await version?.close())?.terminate();
    await this.#spare?.terminate();
  }

  async #load(): Promise<void> {
    const start = performance.now();
    if (this.#isClosed) return;
    if (this.#state.status === 'failed') this.#state = { status: 'loading' };
    try {
      const { version, kind } = await this.#start();
      const revision = this.#options.items?.revision;
      await this.#useCatalogue(version);
      if (this.#isClosed) {
        this.#keepSpare(await version.close());
        return;
      }
      this.#options.onVersion?.(version);
      const before = this.#current;
      this.#state = { status: 'ready', version, loadedAt: new Date() };
      this.#error = undefined;
      // What has changed since was applied to the version before.
      if (this.#options.items?.revision !== revision) await this.#useCatalogue(version);
      this.#swaps.run(() => this.#leave(before)).catch(() => undefined);
      const ms = performance.now() - start;
      const about = { kind, model: this.name, folder: this.folder, version: version.version, ms };
      this.#options.logger?.[kind === 'published' ? 'debug' : 'info'](
        about,
        kind === 'loaded' ? 'A model is loaded' : 'A new version is served',
      );
    } catch (error) {
      if (this.#state.status === 'loading') this.#state = { status: 'failed' };
      this.#report(error as Error);
      throw error;
    }
  }

  /** Loaded from the folder, made of that and items, or published by a learner. */
  async #start() {
    if (this.#published) return { version: await this.#open(this.#published), kind: 'published' } as const;
    if (this.additions && !this.#readsFolder) {
      return { version: await this.#open(this.additions.model), kind: 'items' } as const;
    }
    this.#readsFolder = false;
    const { read, additions, directory } = await this.#read();
    const [additionsBefore, directoryBefore] = [this.additions, this.directory];
    this.additions = additions;
    this.directory = directory;
    // A learner takes the items when it starts.
    if (!additions || additions.size === 0 || this.learns) return { version: read, kind: 'loaded' } as const;
    try {
      this.#keepSpare(await read.close());
      return { version: await this.#open(additions.model), kind: 'loaded' } as const;
    } catch (error) {
      this.additions = additionsBefore;
      this.directory = directoryBefore;
      throw error;
    }
  }

  async #read() {
    const { items } = this.#options;
    const directory = followPointer(this.path);
    const read = await this.#open(undefined, directory);
    const additions = read.base && new ItemAdditions(read.base);
    try {
      if (items) await additions?.replace(items.rowsBeside(this.path));
      return { read, additions, directory };
    } catch (error) {
      this.#keepSpare(await read.close());
      throw error;
    }
  }

  async #open(model?: SharedModel, directory: string = this.directory): Promise<ModelVersion> {
    const open = async (spare?: Worker) => {
      let version: ModelVersion | undefined;
      version = await startVersion(
        { directory, model, spare },
        { ...this.#options.inference, learns: this.learns, onFailure: (error) => this.#lose(version, error) },
      );
      return version;
    };
    const spare = model && this.#spare;
    if (!spare) return open();
    this.#spare = undefined;
    // A spare thread may have ended unnoticed.
    return open(spare).catch(() => open());
  }

  async #leave(before: ModelVersion | undefined): Promise<void> {
    this.#keepSpare(await before?.close());
    const takesItems = this.additions && this.#options.items?.takesItems;
    if (this.#spare || this.#isClosed || !(this.learns || takesItems)) return;
    // The first version with a posted or learnt item would wait for uncompiled code.
    const version = await this.#open(this.additions?.model);
    this.#keepSpare(await version.close());
  }

  #keepSpare(worker: Worker | undefined): void {
    if (this.#isClosed || this.#spare || !(this.learns || this.additions)) worker?.terminate();
    else this.#spare = worker;
  }

  #lose(version: ModelVersion | undefined, error: Error): void {
    if (!version || this.#current !== version) return;
    this.#state = { status: 'failed' };
    this.#report(error);
    this.load().catch(() => undefined);
  }

  get #isClosed(): boolean {
    return this.#state.status === 'closed';
  }

  #report(error: Error): void {
    this.#error = error.message;
    this.#log(error);
  }

  #log(error: Error): void {
    const about = { kind: 'failed', model: this.name, error: describeCauses(error) };
    this.#options.logger?.error(about, 'A model cannot be served');
  }

  async #useCatalogue(inference: ModelVersion | undefined = this.#current): Promise<void> {
    const { items } = this.#options;
    if (items && inference) inference.useCatalogue(await items.catalogueOf(inference.itemIds));
  }
}

/** Equal in every server and run, so that a session keeps its model. */
const SPLIT_KEY = Int32Array.of(0x67727534, 0x73706c74);

/** Name of the arm whose sessions get no recommendations. */
export const CONTROL = 'none';

/** How sessions are split. */
export interface Experiment {
  /** Share of the sessions that get no recommendations, relative to those of the models (0). */
  readonly controlWeight?: number | undefined;
  /** Another name splits the sessions anew. */
  readonly experiment?: string | undefined;
}

export class Models {
  readonly all: readonly ServedModel[];
  readonly #weights: number;
  readonly #controlWeight: number;
  readonly experiment: string;
  #endWatches: readonly (() => void)[] = [];

  constructor(models: readonly ServedModel[], { controlWeight = 0, experiment = '' }: Experiment = {}) {
    this.all = models;
    this.#weights = models.reduce((sum, { weight }) => sum + weight, controlWeight);
    this.#controlWeight = controlWeight;
    this.experiment = experiment;
  }

  get isReady(): boolean {
    return this.all.every((model) => model.isReady);
  }

  get(name: string): ServedModel {
    const found = this.all.find((model) => model.name === name);
    if (found) return found;
    const names = this.all.map((model) => model.name).join(', ');
    throw new Problem(404, `"name" expected one of ${names}, got ${JSON.stringify(name)}`);
  }

  /** Always the same one, by the weights; the first one for the control group. */
  of(sessionId: string): ServedModel {
    return this.#modelOf(sessionId) ?? this.all[0];
  }

  /** The name of its model, or `CONTROL`. */
  armOf(sessionId: string): string {
    return this.#modelOf(sessionId)?.name ?? CONTROL;
  }

  shareOf(arm: string): number {
    const model = this.all.find(({ name }) => name === arm);
    return (model?.weight ?? this.#controlWeight) / this.#weights;
  }

  #modelOf(sessionId: string): ServedModel | undefined {
    const [first] = this.all;
    const isControlled = this.#controlWeight > 0;
    if (this.all.length === 1 && !isControlled) return first;
    const bytes = Buffer.from(this.experiment === '' ? sessionId : `${this.experiment}\n${sessionId}`);
    const share = (halfSipHash(bytes, 0, bytes.length, SPLIT_KEY) >>> 0) / 2 ** 32;
    let left = share * this.#weights;
    for (const model of this.all) {
      left -= model.weight;
      if (left < 0) return model;
    }
    return isControlled ? undefined : first;
  }

  forget(sessionId: string): void {
    for (const model of this.all) model.forget(sessionId);
  }

  /** A change that cannot be loaded is in the model's status. */
  async watch(everyMs: number): Promise<void> {
    const watches = this.all.map(async (model) => {
      const look = () => stateOfModel(model.path);
      const state = await look().catch(() => undefined);
      const onChange = () => model.reload().catch(() => undefined);
      // A pointer is replaced whole, and its folder is complete before.
      const isPointer = statSync(model.path, { throwIfNoEntry: false })?.isFile();
      return watchFiles({ look, state, everyMs: isPointer ? everyMs / 10 : everyMs, onChange });
    });
    this.#endWatches = await Promise.all(watches);
  }

  async close(): Promise<void> {
    for (const end of this.#endWatches) end();
    await Promise.all(this.all.map((model) => model.close()));
  }
}
