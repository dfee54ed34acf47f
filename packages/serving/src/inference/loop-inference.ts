import type { Engine } from '@gru4rec/program';
import { Inference, type InferenceSource, type StartThread } from './inference.ts';
import { fromFolder, type LoadedModel } from './loaded-model.ts';
import type { ClicksSince, Query } from './messages.ts';
import { ModelVersion, type VersionOptions, type Waiting } from './model-version.ts';

/** Work per turn of the event loop, in plain answers. With their JSON and writes, they take about a millisecond. */
const WORK_PER_TURN = 8;
/** Longer lists take as much time as several plain answers. */
const PLAIN_ITEMS = 64;
/** Clicks beyond the first that cost as much as a plain answer. */
const CLICKS_PER_ANSWER = 4;

/**
 * For models that answer faster than a message to a thread travels. Questions of one turn of the loop are answered together.
 */
export class LoopInference extends ModelVersion {
  readonly place = 'event loop';
  readonly #model: LoadedModel;
  #immediate: NodeJS.Immediate | undefined;
  #closing: (() => void) | undefined;

  private constructor(model: LoadedModel, options: VersionOptions) {
    super(model.ready, options);
    this.#model = model;
  }

  static async open(directory: string, engine: Engine, options: VersionOptions): Promise<LoopInference> {
    const maxBatch = Math.min(options.maxBatch, WORK_PER_TURN);
    const { exactItems } = options;
    return new LoopInference(await fromFolder(directory, { engine, maxBatch, exactItems }), options);
  }

  override follow(clicks: ClicksSince): void {
    this.#model.follow(clicks);
  }

  override async close(): Promise<undefined> {
    if (this.queue.length > 0) {
      await new Promise<void>((resolve) => {
        this.#closing = resolve;
      });
    }
    if (!this.hasEnded) this.#model.model?.dispose();
  }

  protected override schedule(): void {
    this.#immediate ??= setImmediate(() => this.#answerSome());
  }

  #answerSome(): void {
    this.#immediate = undefined;
    const batch = this.#nextBatch();
    const atMs = performance.now();
    try {
      const { answers, ...times } = this.#model.answerer.answerQueries(batch.map(({ query }) => query));
      for (const [at, { settle }] of batch.entries()) settle(answers[at]);
      this.report(batch, atMs, times);
    } catch (error) {
      this.fail(error as Error, batch);
      this.options.onFailure?.(error as Error);
    }
    if (this.queue.length > 0) this.schedule();
    else this.#closing?.();
  }

  #nextBatch(): Waiting[] {
    const most = Math.min(this.options.maxBatch, WORK_PER_TURN);
    let count = 0;
    for (let work = 0; count < this.queue.length && count < most; count++) {
      work += workOf((this.queue[count] as Waiting).query);
      if (count > 0 && work > WORK_PER_TURN) break;
    }
    return this.take(count);
  }
}

/** Rules may need the scores of all items, and a state that was dropped all clicks. */
function workOf({ n, steps, rules }: Query): number {
  const { allowed, itemBoosts, groupBoosts, maxPerGroup, excluded } = rules;
  const isPlain =
    !allowed && itemBoosts.size + groupBoosts.size + maxPerGroup === 0 && n + excluded.size <= PLAIN_ITEMS;
  return (isPlain ? 1 : WORK_PER_TURN) + Math.max(0, steps.length - 1) / CLICKS_PER_ANSWER;
}

export interface StartOptions extends VersionOptions {
  readonly startThread: StartThread;
  readonly loopEngine?: (() => Promise<Engine>) | undefined;
  readonly learns: boolean;
}

/**
 * Loads a version in a thread, and on the event loop if a lone answer takes at most `maxLoopMs`. Not versions from memory,
 * models with freshness, or large ones, which would block it.
 */
export async function startVersion(
  source: InferenceSource,
  { loopEngine, ...options }: StartOptions,
): Promise<ModelVersion> {
  const thread = await Inference.start(source, options);
  const { answerMs = Number.POSITIVE_INFINITY } = thread;
  const isPlain = !options.learns && !source.model && !thread.isFresh && !thread.probing;
  if (!loopEngine || !isPlain || answerMs > options.maxLoopMs) return thread;
  try {
    const loop = await LoopInference.open(source.directory, await loopEngine(), options);
    // Else the folder was replaced in between, and is read again soon.
    const isSame = loop.version === thread.version || thread.hasEnded;
    const [used, other] = isSame ? [loop, thread] : [thread, loop];
    await (await other.close())?.terminate();
    return used;
  } catch (error) {
    await (await thread.close())?.terminate();
    throw error;
  }
}
