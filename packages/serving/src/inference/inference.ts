import type { Worker } from 'node:worker_threads';
import type { SharedModel } from '../learning/shared-model.ts';
import { nextMessage } from '../next-message.ts';
import type { AnswerBatch, ClicksSince, FromThread, ThreadData, ThreadReady, ToThread } from './messages.ts';
import { ModelVersion, type VersionOptions, type Waiting } from './model-version.ts';

/** Starts a thread that calls `serveInference`, with this `workerData`. */
export type StartThread = (workerData: ThreadData) => Worker;

export interface InferenceSource {
  readonly directory: string;
  readonly model?: SharedModel | undefined;
  readonly spare?: Worker | undefined;
}

/** One that the thread computes, and one that it finds then. */
const BATCHES_AHEAD = 2;

/** Queries go in one batch: at once while the thread is idle, else when it is full, or `maxWaitMs` old. */
export class Inference extends ModelVersion {
  readonly place = 'thread';
  readonly answerMs: number | undefined;
  readonly #worker: Worker;
  readonly #most: number;
  readonly #sent: { readonly batch: readonly Waiting[]; readonly atMs: number }[] = [];
  readonly #answers = new SlicedWork();
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #closing: ((worker: Worker | undefined) => void) | undefined;

  private constructor(worker: Worker, ready: ThreadReady, options: VersionOptions) {
    super(ready, options);
    this.#worker = worker;
    this.answerMs = ready.answerMs;
    // While the thread computes for longer than a query may wait, the next batch fills: a batch that scans a large table, or the
    // means of its groups, takes about as long for one query as for many.
    this.#most = ready.probing || (ready.answerMs ?? 0) > options.maxWaitMs ? 1 : BATCHES_AHEAD;
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'answers') this.#receive(message);
    });
    worker.on('error', (error) => this.#end(error));
    worker.on('exit', (code) => this.#end(new Error(describeEnd(code))));
  }

  static async start(
    { directory, model, spare }: InferenceSource,
    options: VersionOptions & { readonly startThread: StartThread; readonly learns?: boolean },
  ): Promise<Inference> {
    // The number of a thread that has ended is −1.
    const isSpared = spare !== undefined && spare.threadId > 0;
    const { maxBatch, exactItems, learns = false } = options;
    const data = { directory, maxBatch, exactItems, learns, model };
    const worker = isSpared ? spare : options.startThread(data);
    worker.removeAllListeners('error');
    if (isSpared) worker.postMessage({ kind: 'model', model } satisfies ToThread);
    try {
      const ready = await nextMessage<FromThread>(worker, describeEnd);
      if (ready.kind === 'ready') return new Inference(worker, ready, options);
      throw new Error(ready.kind === 'failed' ? ready.message : 'unexpected message');
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  override follow(clicks: ClicksSince): void {
    this.#post({ kind: 'clicks', ...clicks });
  }

  override async close(): Promise<Worker | undefined> {
    if (this.hasEnded) return undefined;
    return new Promise((resolve) => {
      this.#closing = resolve;
      this.#closeIfIdle();
    });
  }

  protected override schedule(): void {
    if (this.#sent.length === 0) {
      this.#immediate ??= setImmediate(() => this.#send());
    } else if (this.#sent.length < this.#most && this.queue.length > 0) {
      if (this.queue.length >= this.options.maxBatch) this.#send();
      else this.#timer ??= setTimeout(() => this.#send(), this.options.maxWaitMs);
    }
  }

  #send(): void {
    this.#stopWaiting();
    if (this.queue.length === 0) return;
    const batch = this.take(this.options.maxBatch);
    this.#sent.push({ batch, atMs: performance.now() });
    this.#post({ kind: 'batch', queries: batch.map(({ query }) => query) });
  }

  #stopWaiting(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
    this.#timer = undefined;
    this.#immediate = undefined;
  }

  #receive(answers: AnswerBatch): void {
    const { batch = [], atMs = 0 } = this.#sent.shift() ?? {};
    // First, because the thread computes while the answers are sent.
    if (this.#sent.length === 0) this.#send();
    else this.schedule();
    this.#answers.add(answersOf(batch, answers));
    this.report(batch, atMs, answers);
    this.#closeIfIdle();
  }

  #end(error: Error): void {
    if (this.hasEnded) return;
    this.#stopWaiting();
    this.fail(
      error,
      this.#sent.splice(0).flatMap(({ batch }) => batch),
    );
    if (this.#closing) this.#closing(undefined);
    else this.options.onFailure?.(error);
  }

  #closeIfIdle(): void {
    if (!this.#closing || this.#sent.length + this.queue.length > 0) return;
    this.#post({ kind: 'model', model: undefined });
    for (const event of ['message', 'error', 'exit']) this.#worker.removeAllListeners(event);
    // Whoever takes the thread sees that it has ended.
    this.#worker.on('error', () => undefined);
    this.#closing(this.#worker);
  }

  #post(message: ToThread): void {
    this.#worker.postMessage(message);
  }
}

const describeEnd = (exitCode: number) => `The inference thread ended with exit code ${exitCode}`;

function answersOf(
  batch: readonly Waiting[],
  { counts, items, scores, errors, nexts }: AnswerBatch,
): (() => void)[] {
  let to = 0;
  return batch.map(({ settle }, query) => {
    const from = to;
    to += counts[query];
    const [listed, scored] = [items.subarray(from, to), scores.subarray(from, to)];
    const best = { items: listed, scores: scored, isNext: nexts.has(query) };
    return () => settle(errors.get(query) ?? best);
  });
}

/** Per turn of the event loop. A piece is an answer, which takes about 50 µs with its JSON and its write. */
const PIECES = 8;

/** So that sockets and timers do not wait for a whole batch. */
export class SlicedWork {
  readonly #waiting: (() => void)[] = [];
  #immediate: NodeJS.Immediate | undefined;

  add(pieces: readonly (() => void)[]): void {
    this.#waiting.push(...pieces);
    if (!this.#immediate) this.#slice();
  }

  #slice(): void {
    for (const piece of this.#waiting.splice(0, PIECES)) piece();
    this.#immediate = this.#waiting.length > 0 ? setImmediate(() => this.#slice()) : undefined;
  }
}
