import type { Worker } from 'node:worker_threads';
import { ItemIdTable } from '@gru4rec/item-ids';
import { type BestItems, ClickEncoder, type Probing } from '@gru4rec/model';
import type { SharedModel } from '../learning/shared-model.ts';
import { Problem } from '../problem.ts';
import type { InferenceLimits } from './inference-limits.ts';
import type {
  AnswerBatch,
  ClicksSince,
  FromThread,
  ItemCatalogue,
  ThreadData,
  ThreadReady,
  ToThread,
} from './messages.ts';
import type { ModelVersion, Question, Waiting } from './model-version.ts';
import { encodeQueries } from './query-codec.ts';
import { SlicedWork } from './sliced-work.ts';
import { knowsNone, StateSlots } from './state-slots.ts';

/** Starts a thread that calls `serveInference`, with this `workerData`. */
export type StartThread = (workerData: ThreadData) => Worker;

/** Where the time of a batch went. */
export interface BatchTimes {
  readonly size: number;
  /** Time that each query waited for the batch. */
  readonly queueMs: readonly number[];
  readonly stepMs: number;
  readonly topMs: number;
}

/** What an inference is started with. */
export interface InferenceOptions extends InferenceLimits {
  readonly startThread: StartThread;
  readonly onBatch?: (times: BatchTimes) => void;
  /** Called if the thread ends by itself. */
  readonly onFailure?: (error: Error) => void;
}

/** What an inference answers with. */
export interface InferenceSource {
  /** Folder of the model. */
  readonly directory: string;
  /** In place of what the folder has. */
  readonly model?: SharedModel | undefined;
  /** A thread that an inference released. Only with `model`. */
  readonly spare?: Worker | undefined;
}

/** Batches that a thread has: one that it computes, and one that it finds when it has done so. */
const BATCHES_AHEAD = 2;

/**
 * One version of a model in its thread. Queries that wait together go in one batch: at once while the thread is idle, and
 * otherwise when a batch is full, has waited for `maxWaitMs`, or the thread is idle again.
 */
export class Inference implements ModelVersion {
  readonly place = 'thread';
  readonly itemIds: ItemIdTable;
  readonly version: string;
  readonly lineage: string;
  readonly isFresh: boolean;
  readonly base: SharedModel | undefined;
  readonly clicks: ClickEncoder | undefined;
  readonly probing: Probing | undefined;
  /** Milliseconds of a lone answer, measured when the model was loaded; undefined for a version that is published. */
  readonly answerMs: number | undefined;
  readonly #worker: Worker;
  readonly #options: InferenceOptions;
  readonly #states: StateSlots;
  /** W, numbers per click. */
  readonly #width: number;
  /** Batches that the thread may have. */
  readonly #most: number;
  readonly #sent: { readonly batch: readonly Waiting[]; readonly atMs: number }[] = [];
  readonly #answers = new SlicedWork();
  #queue: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #failure: Error | undefined;
  #closing: (() => void) | undefined;
  #releasing: ((worker: Worker | undefined) => void) | undefined;

  private constructor(
    worker: Worker,
    { ids, checksum, lineage, isFresh, answerMs, base, clickVocabulary, probing }: ThreadReady,
    options: InferenceOptions,
  ) {
    this.#worker = worker;
    this.#options = options;
    this.itemIds = ItemIdTable.open(ids);
    this.version = checksum;
    this.lineage = lineage;
    this.isFresh = isFresh;
    this.base = base;
    this.probing = probing;
    this.answerMs = answerMs;
    // While the thread computes for longer than a query may wait, the next batch fills: a batch that scans a large table, or the
    // means of its groups, takes about as long for one query as for many.
    this.#most = probing || (answerMs ?? 0) > options.maxWaitMs ? 1 : BATCHES_AHEAD;
    this.clicks = clickVocabulary && new ClickEncoder(clickVocabulary);
    this.#width = 1 + (this.clicks?.perClick ?? 0);
    this.#states = new StateSlots(options.maxStates, options.maxBatch, this.#width);
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'answers') this.#receive(message);
    });
    worker.on('error', (error) => this.#end(error));
    worker.on('exit', (code) => this.#end(new Error(`The inference thread ended with exit code ${code}`)));
  }

  /**
   * Loads and warms up a model, in a new thread or in one that another version has left.
   * @throws Error with the thread's message if it fails.
   */
  static async start(
    { directory, model, spare }: InferenceSource,
    options: InferenceOptions,
  ): Promise<Inference> {
    // The number of a thread that has ended is −1.
    const isSpared = spare !== undefined && spare.threadId > 0;
    const { maxBatch, exactItems } = options;
    const data = { directory, maxBatch, exactItems, ...(model && { model }) };
    const worker = isSpared ? spare : options.startThread(data);
    worker.removeAllListeners('error');
    const ready = await new Promise<ThreadReady>((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', (code) => reject(new Error(`The inference thread ended with exit code ${code}`)));
      worker.once('message', (message: FromThread) => {
        if (message.kind === 'ready') resolve(message);
        else reject(new Error(message.kind === 'failed' ? message.message : 'unexpected message'));
      });
      if (isSpared) worker.postMessage({ kind: 'model', model } satisfies ToThread);
    }).catch(async (error) => {
      await worker.terminate();
      throw error;
    });
    for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
    return new Inference(worker, ready, options);
  }

  get states(): number {
    return this.#states.size;
  }

  /** Whether the thread has ended by itself. */
  get hasEnded(): boolean {
    return this.#failure !== undefined;
  }

  get isFull(): boolean {
    return this.#queue.length >= this.#options.maxQueue;
  }

  useCatalogue(catalogue: ItemCatalogue | undefined): void {
    this.#post({ kind: 'catalogue', catalogue });
  }

  follow(clicks: ClicksSince): void {
    this.#post({ kind: 'clicks', ...clicks });
  }

  forget(sessionId: string): void {
    this.#states.forget(sessionId);
  }

  ask({ sessionId, dropped, items, n, rules }: Question): Promise<BestItems> {
    if (this.#failure) throw new Problem(503, 'The model’s thread has ended', { cause: this.#failure });
    if (this.isFull) throw new Problem(503, 'Too many requests wait');
    const advance = this.#states.advance(sessionId, dropped, items);
    const query = { ...advance, n, fallback: knowsNone(items, this.#width), rules };
    return new Promise((resolve, reject) => {
      this.#queue.push({ query, sinceMs: performance.now(), resolve, reject });
      this.#schedule();
    });
  }

  /** Ends the thread when all questions are answered. */
  async close(): Promise<void> {
    if (this.#failure) return;
    await new Promise<void>((resolve) => {
      this.#closing = resolve;
      this.#closeIfIdle();
    });
  }

  /**
   * Gives the thread away, without its model, when all questions are answered.
   * @returns undefined if the thread has ended.
   */
  async release(): Promise<Worker | undefined> {
    if (this.#failure) return undefined;
    return new Promise((resolve) => {
      this.#releasing = resolve;
      this.#closeIfIdle();
    });
  }

  #schedule(): void {
    if (this.#sent.length === 0) {
      // After the sockets that are readable now, whose requests join the batch.
      this.#immediate ??= setImmediate(() => this.#send());
    } else if (this.#sent.length < this.#most && this.#queue.length > 0) {
      if (this.#queue.length >= this.#options.maxBatch) this.#send();
      else this.#timer ??= setTimeout(() => this.#send(), this.#options.maxWaitMs);
    }
  }

  #send(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
    if (this.#queue.length === 0) return;
    const { maxBatch } = this.#options;
    const batch = this.#queue.slice(0, maxBatch);
    this.#queue = this.#queue.slice(maxBatch);
    this.#sent.push({ batch, atMs: performance.now() });
    const encoded = encodeQueries(batch.map(({ query }) => query));
    this.#post(encoded, [encoded.words.buffer, encoded.values.buffer] as ArrayBuffer[]);
  }

  #receive(answers: AnswerBatch): void {
    const { batch = [], atMs = 0 } = this.#sent.shift() ?? {};
    // First, because the thread computes while the answers are sent.
    if (this.#sent.length === 0) this.#send();
    else this.#schedule();
    this.#answers.add(answersOf(batch, answers));
    const { stepMs, topMs } = answers;
    const queueMs = batch.map(({ sinceMs }) => atMs - sinceMs);
    this.#options.onBatch?.({ size: batch.length, queueMs, stepMs, topMs });
    this.#closeIfIdle();
  }

  #end(error: Error): void {
    if (this.#failure) return;
    this.#failure = error;
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    for (const { reject } of [...this.#sent.flatMap(({ batch }) => batch), ...this.#queue]) {
      reject(new Problem(503, 'The model’s thread has ended', { cause: error }));
    }
    this.#queue = [];
    this.#sent.length = 0;
    if (this.#releasing) this.#releasing(undefined);
    else if (this.#closing) this.#closing();
    else this.#options.onFailure?.(error);
  }

  #closeIfIdle(): void {
    if (this.#sent.length + this.#queue.length > 0) return;
    if (this.#releasing) {
      this.#post({ kind: 'model', model: undefined });
      for (const event of ['message', 'error', 'exit']) this.#worker.removeAllListeners(event);
      // Whoever takes the thread sees that it has ended.
      this.#worker.on('error', () => undefined);
      this.#releasing(this.#worker);
    } else if (this.#closing) this.#post({ kind: 'close' });
  }

  #post(message: ToThread, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }
}

/** What answers each query of a batch. */
function answersOf(batch: readonly Waiting[], { counts, items, scores }: AnswerBatch): (() => void)[] {
  let to = 0;
  return batch.map(({ resolve }, query) => {
    const from = to;
    to += counts[query];
    const best = { items: items.subarray(from, to), scores: scores.subarray(from, to) };
    return () => resolve(best);
  });
}
