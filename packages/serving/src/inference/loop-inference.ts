import { ItemIdTable } from '@gru4rec/item-ids';
import { type BestItems, ClickEncoder, type Probing } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { Problem } from '../problem.ts';
import type { InferenceOptions } from './inference.ts';
import { fromFolder, type LoadedModel } from './loaded-model.ts';
import type { ClicksSince, ItemCatalogue, Query } from './messages.ts';
import type { ModelVersion, Question, Waiting } from './model-version.ts';
import { knowsNone, StateSlots } from './state-slots.ts';

/** Work per turn of the event loop, in plain answers. With their JSON and writes, they take about a millisecond. */
const WORK_PER_TURN = 8;
/** Longer lists take as much time as several plain answers. */
const PLAIN_ITEMS = 64;
/** Clicks beyond the first that cost as much as a plain answer. */
const CLICKS_PER_ANSWER = 4;

/** What a version on the event loop needs. */
export type LoopOptions = Omit<InferenceOptions, 'startThread'>;

/**
 * One version of a model on the event loop, for models that answer faster than a message to a thread travels. Questions that
 * arrive in the same turn of the loop are answered together, at most `WORK_PER_TURN` of them; the others wait for the next
 * turn, so that sockets and timers do not.
 */
export class LoopInference implements ModelVersion {
  readonly place = 'event loop';
  readonly itemIds: ItemIdTable;
  readonly version: string;
  readonly lineage: string;
  readonly isFresh: boolean;
  readonly base: ModelVersion['base'];
  readonly clicks: ClickEncoder | undefined;
  readonly probing: Probing | undefined;
  readonly #model: LoadedModel;
  readonly #options: LoopOptions;
  readonly #states: StateSlots;
  /** W, numbers per click. */
  readonly #width: number;
  #queue: Waiting[] = [];
  #immediate: NodeJS.Immediate | undefined;
  #failure: Error | undefined;
  #closing: (() => void) | undefined;

  private constructor(model: LoadedModel, options: LoopOptions) {
    const { ids, checksum, lineage, isFresh, base, clickVocabulary, probing } = model.ready;
    this.#model = model;
    this.#options = options;
    this.itemIds = ItemIdTable.open(ids);
    this.version = checksum;
    this.lineage = lineage;
    this.isFresh = isFresh;
    this.base = base;
    this.probing = probing;
    this.clicks = clickVocabulary && new ClickEncoder(clickVocabulary);
    this.#width = 1 + (this.clicks?.perClick ?? 0);
    this.#states = new StateSlots(options.maxStates, options.maxBatch, this.#width);
  }

  /** Loads and warms up a model. @throws Error if it fails. */
  static async open(directory: string, engine: Engine, options: LoopOptions): Promise<LoopInference> {
    const maxBatch = Math.min(options.maxBatch, WORK_PER_TURN);
    return new LoopInference(
      await fromFolder(directory, { engine, maxBatch, exactItems: options.exactItems }),
      options,
    );
  }

  get states(): number {
    return this.#states.size;
  }

  get isFull(): boolean {
    return this.#queue.length >= this.#options.maxQueue;
  }

  useCatalogue(catalogue: ItemCatalogue | undefined): void {
    this.#model.answerer.catalogue = catalogue;
  }

  follow(clicks: ClicksSince): void {
    this.#model.follow(clicks);
  }

  forget(sessionId: string): void {
    this.#states.forget(sessionId);
  }

  ask({ sessionId, dropped, items, n, rules }: Question): Promise<BestItems> {
    if (this.#failure) throw new Problem(503, 'The model has failed', { cause: this.#failure });
    if (this.isFull) throw new Problem(503, 'Too many requests wait');
    const advance = this.#states.advance(sessionId, dropped, items);
    const query = { ...advance, n, fallback: knowsNone(items, this.#width), rules };
    return new Promise((resolve, reject) => {
      this.#queue.push({ query, sinceMs: performance.now(), resolve, reject });
      // After the sockets that are readable now, whose requests join the batch.
      this.#immediate ??= setImmediate(() => this.#answerSome());
    });
  }

  /** Frees the model's memory when all questions are answered. */
  async close(): Promise<void> {
    if (this.#queue.length > 0) {
      await new Promise<void>((resolve) => {
        this.#closing = resolve;
      });
    }
    if (!this.#failure) this.#model.dispose();
  }

  #answerSome(): void {
    this.#immediate = undefined;
    const batch = this.#nextBatch();
    const atMs = performance.now();
    try {
      const queries = batch.map(({ query: { rules, ...query } }) => ({ ...query, ...rules }));
      const { answers, stepMs, topMs } = this.#model.answerer.answerQueries(queries);
      for (const [at, { resolve }] of batch.entries()) resolve(answers[at] as BestItems);
      const queueMs = batch.map(({ sinceMs }) => atMs - sinceMs);
      this.#options.onBatch?.({ size: batch.length, queueMs, stepMs, topMs });
    } catch (error) {
      this.#fail(error as Error, batch);
    }
    if (this.#queue.length > 0) this.#immediate = setImmediate(() => this.#answerSome());
    else this.#closing?.();
  }

  /** Takes the questions of a turn: at least one, and as many as its work allows. */
  #nextBatch(): Waiting[] {
    const most = Math.min(this.#options.maxBatch, WORK_PER_TURN);
    let count = 0;
    for (let work = 0; count < this.#queue.length && count < most; count++) {
      work += workOf((this.#queue[count] as Waiting).query);
      if (count > 0 && work > WORK_PER_TURN) break;
    }
    const batch = this.#queue.slice(0, count);
    this.#queue = this.#queue.slice(count);
    return batch;
  }

  #fail(error: Error, batch: readonly Waiting[]): void {
    this.#failure = error;
    const waiting = [...batch, ...this.#queue];
    this.#queue = [];
    for (const { reject } of waiting) reject(new Problem(503, 'The model has failed', { cause: error }));
    this.#options.onFailure?.(error);
  }
}

/** Work of a query in plain answers: rules may need the scores of all items, and a state that was dropped all clicks. */
function workOf({ n, steps, rules }: Query): number {
  const { allowed, itemBoosts, groupBoosts, maxPerGroup, excluded } = rules;
  const isPlain =
    !allowed && itemBoosts.size + groupBoosts.size + maxPerGroup === 0 && n + excluded.size <= PLAIN_ITEMS;
  return (isPlain ? 1 : WORK_PER_TURN) + Math.max(0, steps.length - 1) / CLICKS_PER_ANSWER;
}
