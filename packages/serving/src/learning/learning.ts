import { basename, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import {
  anything,
  type Complete,
  finite,
  type OptionChecks,
  positive,
  required,
  text,
  withDefaults,
} from '@gru4rec/checks';
import type { AddedItems } from '@gru4rec/model';
import type { FastifyBaseLogger } from 'fastify';
import type { Registry } from 'prom-client';
import { z } from 'zod';
import type { EventLog } from '../event-log/event-log.ts';
import type { LogPlaces } from '../event-log/log-lines.ts';
import { Problem } from '../http/problem.ts';
import type { StartThread } from '../inference/inference.ts';
import { type ReadMetric, registerReadMetrics } from '../metrics.ts';
import type { ItemLearner, NextModel, ServedModel } from '../models/served-model.ts';
import { nextMessage } from '../next-message.ts';
import { SerialQueue } from '../serial-queue.ts';
import { forgetSaved } from './learner-folder.ts';
import type { FromLearner, LearnRequest, LearnSettings, LearnStatus } from './learner-messages.ts';

/** How a server learns from its clicks. */
export interface LearnOptions {
  /** The log that it learns from, one of the server's observers. */
  readonly log: EventLog;
  /** Folders of the event logs of other servers, which are learnt too. They go on from this server's folder `output`. */
  readonly others?: readonly string[] | undefined;
  /** Folder for what it has learnt, which serves like a model; a next server goes on from it. */
  readonly output: string;
  /** How often what it has learnt is served (5 s). */
  readonly everyMs?: number | undefined;
  /** How often it saves (10 minutes). It saves when the server stops, too. */
  readonly saveMs?: number | undefined;
  /** Share of the sessions by which it is compared to the model that it began with (0.05). */
  readonly guardShare?: number | undefined;
  /** Settings and limits of the learner: see `learnDefaults` for those that differ from `LearnerOptions`. */
  readonly settings?: LearnSettings | undefined;
}

export const learnChecks: OptionChecks<LearnOptions> = {
  log: required(anything),
  output: required(text),
  everyMs: positive,
  saveMs: positive,
  guardShare: finite(0),
  settings: anything,
  others: anything,
};

export const learnDefaults = {
  sessionPairs: 100,
  sessionItem: 1,
  itemShare: 0.0025,
  newItems: 50_000,
} as const;

export const learningStatus = z
  .object({
    state: z.enum(['learning', 'failing', 'paused', 'stopped']),
    reason: z.string().nullable().describe('Why it fails or has stopped, and until when'),
  })
  .nullable()
  .describe('Whether it learns from clicks; null if it never does');
type LearningStatus = NonNullable<z.output<typeof learningStatus>>;

export class Learning implements ItemLearner {
  status: LearnStatus | undefined;
  published = 0;
  failing: string | undefined;
  readonly #options: Complete<LearnOptions>;
  readonly #model: ServedModel;
  readonly #startThread: StartThread;
  readonly #logger: FastifyBaseLogger | undefined;
  readonly #end = new AbortController();
  #worker: Worker | undefined;
  #next: { readonly worker: Worker; readonly model: NextModel } | undefined;
  readonly #models = new SerialQueue();
  readonly #requests = new SerialQueue();
  #isStarted = false;
  #running: Promise<void> | undefined;

  constructor(
    options: LearnOptions,
    model: ServedModel,
    {
      startThread,
      logger,
    }: { readonly startThread: StartThread; readonly logger?: FastifyBaseLogger | undefined },
  ) {
    const defaults = { everyMs: 5000, saveMs: 600_000, guardShare: 0.05, settings: {}, others: [] };
    this.#options = withDefaults(defaults, options);
    this.#model = model;
    this.#startThread = startThread;
    this.#logger = logger;
    model.reload = async () => {
      if (!this.#isStarted) return model.load();
      try {
        await this.#models.run(() => this.#rebase());
      } catch (error) {
        model.refuse(error as Error);
        throw error;
      }
    };
  }

  get isStopped(): boolean {
    const { stopped } = this.status ?? {};
    return this.status !== undefined && (!this.#worker || (stopped !== undefined && !stopped.until));
  }

  async unlearnt(): Promise<number> {
    return unlearntOf(this.status, await this.#options.log.flushedEnds());
  }

  get report(): LearningStatus {
    const { message, until } = this.status?.stopped ?? {};
    const why = until ? `${message}; it learns again at ${until}` : (message ?? this.failing);
    const isFailing = this.failing !== undefined;
    const state = this.status?.stopped ? 'paused' : isFailing ? 'failing' : 'learning';
    return { state: this.isStopped ? 'stopped' : state, reason: why ?? null };
  }

  start(): Promise<void> {
    this.#isStarted = true;
    return this.#models.run(() => this.#start());
  }

  async #start(): Promise<void> {
    await this.#model.settled();
    const { worker, begun } = await this.#open(this.#model.directory, false);
    this.#worker = worker;
    this.#log('info', begun.status, `Learning from the event log, on ${this.#model.folder}`);
    await this.#take(begun, begun.status.learnt);
    if (!this.isStopped) {
      const items = this.#model.learnItems(this);
      if (items && items.ids.length > 0) await this.addItems(items);
    } else await this.#model.serveItems();
    this.#running = this.#run();
  }

  /** Begins to learn from the model that the folder has now. It serves when it has caught up; until then the one before does. */
  async #rebase(): Promise<void> {
    // What it has learnt itself.
    if (resolve(this.#model.path) === resolve(this.#options.output)) return;
    const model = await this.#model.readNext();
    if (this.#end.signal.aborted || (model && model.lineage === this.#next?.model.lineage)) return;
    await this.#endNext();
    if (!model) return;
    const { worker, begun } = await this.#open(model.directory, true);
    this.#next = { worker, model };
    this.#log(
      'info',
      begun.status,
      `A new model, ${basename(model.directory)}, catches up with the event log`,
    );
    this.#catchUp(this.#next);
  }

  async #catchUp(next: { readonly worker: Worker; readonly model: NextModel }): Promise<void> {
    const { log, everyMs } = this.#options;
    const { worker, model } = next;
    try {
      for (let ms = Number.POSITIVE_INFINITY; ms > everyMs; ) {
        const startMs = performance.now();
        const { status } = await answerTo(worker, { to: await log.flushedEnds(), items: model.items });
        if (status.stopped) throw new Error(status.stopped.message);
        ms = performance.now() - startMs;
      }
      await this.#requests.run(() => this.#takeOver(next));
      await this.#model.useItems();
    } catch (error) {
      // Else a later model, or the end, is why.
      if (this.#next !== next || this.#end.signal.aborted) return;
      await this.#endNext();
      this.#model.refuse(error as Error);
    }
  }

  async #takeOver(next: { readonly worker: Worker; readonly model: NextModel }): Promise<void> {
    if (this.#next !== next || this.#end.signal.aborted) return;
    this.#next = undefined;
    // Its locks end with it; what it has learnt stays until the new one saves.
    await this.#worker?.terminate();
    this.#worker = next.worker;
    this.status = undefined;
    next.model.use();
    this.#model.learnItems(this);
    await this.#askNow({ publish: true, save: true, takesOver: true });
    const { folder } = this.#model;
    this.#logger?.info(
      { folder, lineage: next.model.lineage },
      'A new model has caught up, learns and serves',
    );
  }

  async #endNext(): Promise<void> {
    const next = this.#next;
    this.#next = undefined;
    await next?.worker.terminate();
  }

  async #open(directory: string, isNext: boolean) {
    const { log, output, others, guardShare, settings } = this.#options;
    const from = await log.flushedEnds();
    const worker = this.#startThread({
      directory,
      maxBatch: 1,
      learn: {
        events: log.directory,
        others,
        from,
        output,
        guardShare,
        isNext,
        settings: withDefaults(learnDefaults, settings),
      },
    });
    // A thread that fails between two requests says so to the next one.
    worker.on('error', () => undefined);
    try {
      return { worker, begun: await answerOf(worker) };
    } catch (error) {
      await worker.terminate();
      throw error;
    }
  }

  /** Items that the learner knows stay as it has learnt them. */
  async addItems(items: AddedItems): Promise<void> {
    if (this.isStopped) throw new Problem(409, 'Learning has stopped, and with it adding items');
    const model = this.#model;
    await this.#ask({ publish: true, items });
    if (!model.isReady || items.ids.some((id) => model.inference.itemIds.indexOf(id) < 0)) {
      throw new Problem(
        503,
        `The items wait for the next version: ${this.report.reason ?? 'none could be published'}`,
      );
    }
  }

  async forget(ids: ReadonlySet<string>): Promise<void> {
    if (!this.#running) throw new Problem(503, 'Learning has not begun yet');
    const forgotten = this.#requests.run(async () => {
      await this.#askNow({ forget: ids });
      await forgetSaved(this.#options.output, ids);
    });
    if (this.#next) {
      // It begins anew, without them.
      await this.#endNext();
      await this.#model.reload().catch(() => undefined);
    }
    return forgotten;
  }

  /** To be called before the model is closed. */
  async pause(): Promise<void> {
    this.#end.abort();
    await this.#models.idle();
    await this.#endNext();
    await this.#running;
    await this.#requests.idle();
  }

  /** To be called when the log is closed. */
  async close(): Promise<void> {
    await this.pause();
    await this.#ask({ save: true, close: true });
    await this.#worker?.terminate();
    if (this.status) this.#log('info', this.status, 'Learning has ended');
  }

  async #run(): Promise<void> {
    const { everyMs, saveMs } = this.#options;
    const { signal } = this.#end;
    let savedMs = performance.now();
    for (;;) {
      await setTimeout(everyMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      const save = performance.now() - savedMs >= saveMs;
      if (save) savedMs = performance.now();
      await this.#ask({ publish: true, save });
    }
  }

  #ask(request: Omit<LearnRequest, 'to'>): Promise<void> {
    return this.#requests.run(() => this.#askNow(request));
  }

  async #askNow(request: Omit<LearnRequest, 'to'>): Promise<void> {
    const worker = this.#worker;
    if (!worker) return;
    const to = await this.#options.log.flushedEnds();
    try {
      await this.#take(await answerTo(worker, { ...request, to }), to);
    } catch (error) {
      this.#worker = undefined;
      this.#report((error as Error).message);
      await worker.terminate();
    }
  }

  async #take({ status, model }: Done, to: LogPlaces): Promise<void> {
    const before = this.status?.stopped;
    this.status = status;
    if (status.stopped && status.stopped.at !== before?.at) {
      const what = status.stopped.until ? 'pauses' : 'has stopped';
      this.#log('error', status, `Learning ${what}; the last good version serves`);
    }
    if (before && !status.stopped)
      this.#log('warn', status, 'Learning goes on; the clicks of the pause are skipped');
    const left = status.stopped ? 0 : unlearntOf(status, to);
    this.#report(status.error ?? (left > 0 ? `The log has ${left} bytes that are not learnt` : undefined));
    if (!model) return;
    // The model reports a failure; the next version may do better.
    await this.#model.publish(model).then(
      () => this.published++,
      () => undefined,
    );
  }

  #report(error: string | undefined): void {
    if (error !== this.failing) {
      if (error === undefined) this.#logger?.info('Learning works again');
      else this.#logger?.error({ error }, 'Learning fails; serving goes on');
    }
    this.failing = error;
  }

  #log(level: 'info' | 'warn' | 'error', { learnt: _, ...status }: LearnStatus, text: string): void {
    this.#logger?.[level](status, text);
  }
}

function unlearntOf(status: LearnStatus | undefined, to: LogPlaces): number {
  return [...to].reduce((sum, [day, end]) => sum + Math.max(0, end - (status?.learnt.get(day) ?? 0)), 0);
}

type Done = Extract<FromLearner, { kind: 'done' }>;

async function answerOf(worker: Worker): Promise<Done> {
  const message = await nextMessage<FromLearner>(worker, () => 'The thread that learns has ended');
  if (message.kind === 'done') return message;
  throw new Error(message.message);
}

function answerTo(worker: Worker, request: LearnRequest): Promise<Done> {
  worker.postMessage(request);
  return answerOf(worker);
}

export function registerLearnMetrics(registry: Registry, learning: Learning): void {
  const read = (help: string, of: (status: LearnStatus) => number | Promise<number>): ReadMetric => {
    return [help, () => learning.status && of(learning.status)] as ReadMetric;
  };
  const metrics: Readonly<Record<string, ReadMetric>> = {
    clicks_total: read('Lines of the event log that were read', ({ clicks }) => clicks),
    pairs_total: read('Pairs of clicks that were learnt, by earlier servers too', ({ pairs }) => pairs),
    dropped_clicks_total: read('Clicks beyond a limit, which teach nothing', ({ dropped }) => dropped),
    versions_total: read('Versions that were served', () => learning.published),
    unlearnt_bytes: read('Bytes of the event log that are not learnt, of any day', () => learning.unlearnt()),
    new_items: read('Items that the model did not know before it learnt', ({ newItems }) => newItems),
    failing: read('1 while it cannot read, learn or save', () => Number(learning.failing !== undefined)),
    stopped: read('1 if it learns nothing more; the last good version serves', () =>
      Number(learning.isStopped),
    ),
    paused_until_timestamp_seconds: read(
      'When a pause ends; 0 while there is none',
      ({ stopped }) => Date.parse(stopped?.until ?? '') / 1000 || 0,
    ),
    guard_learner_sessions: read('Sessions whose next click it listed higher', ({ guard }) => guard.learner),
    guard_frozen_sessions: read(
      'Sessions whose next click the model that it began with listed higher',
      ({ guard }) => guard.frozen,
    ),
  };
  const named = Object.entries(metrics).map(([name, metric]) => [`gru4rec_learn_${name}`, metric]);
  registerReadMetrics(registry, Object.fromEntries(named));
}
