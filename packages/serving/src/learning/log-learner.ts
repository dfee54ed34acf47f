import { existsSync, readlinkSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { basename, resolve } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import {
  type AddedItems,
  composeItem,
  featuresAt,
  Gru4Rec,
  Learner,
  type LearnerState,
  NonFiniteLossError,
  readModel,
  withoutMoment,
} from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { type LogLine, mergeLogs, readClicks } from '../event-log/log-lines.ts';
import { describeCauses } from '../http/problem.ts';
import { SerialQueue } from '../serial-queue.ts';
import { Guard } from './guard.ts';
import {
  advance,
  isDue,
  type LearnStop,
  latestOf,
  nextStop,
  openLearner,
  placeIn,
  placesBehind,
  placesOf,
  type SavedLearner,
  type SavedLog,
  saveLearner,
} from './learner-folder.ts';
import type { FromLearner, LearnData, LearnRequest, LearnStatus } from './learner-messages.ts';
import { LogClock } from './log-clock.ts';
import { lockAll, OtherLog } from './other-log.ts';
import {
  checkFinite,
  NotFinite,
  openShared,
  type SharedModel,
  SharedSpace,
  shareModel,
} from './shared-model.ts';

export interface LogLearnerOptions extends LearnData {
  readonly directory: string;
  readonly engine: Engine;
  readonly guardKey?: Int32Array;
}

interface Beginning {
  readonly base: Gru4Rec;
  readonly model: Gru4Rec;
  readonly saved: Partial<Omit<SavedLearner, 'learner'>> & { readonly learner?: LearnerState };
  readonly learnt: Map<string, number>;
  readonly others: readonly OtherLog[];
  readonly begins: string | undefined;
  readonly unlock: () => void;
}

export class LogLearner {
  readonly #options: LogLearnerOptions;
  readonly #base: Gru4Rec;
  readonly #lineage: string;
  #learner: Learner;
  readonly #guard: Guard;
  readonly #clock: LogClock;
  readonly #others: readonly OtherLog[];
  readonly #othersBefore: readonly SavedLog[];
  readonly #begins: string | undefined;
  #unlock: () => void;
  readonly #space = new SharedSpace<SharedModel>();
  #latest: readonly SharedModel[] = [];
  readonly #learnt: Map<string, number>;
  #stop: LearnStop | undefined;
  #items: AddedItems | undefined;
  #clicks = 0;
  #skipped = 0;
  #pairsShared: number | undefined;
  #added = 0;
  #error: string | undefined;

  private constructor(options: LogLearnerOptions, { base, model, saved, ...rest }: Beginning) {
    const { engine, settings, guardShare, guardKey } = options;
    const { learner: state } = saved;
    this.#options = options;
    this.#base = base;
    this.#lineage = saved.base ?? base.checksum ?? '';
    this.#learnt = rest.learnt;
    this.#others = rest.others;
    const directories = rest.others.map(({ directory }) => directory);
    this.#othersBefore = (saved.others ?? []).filter(({ directory }) => !directories.includes(directory));
    this.#begins = rest.begins;
    this.#unlock = rest.unlock;
    this.#clock = new LogClock(saved.clock);
    this.#learner = new Learner(model, { ...settings, engine, state });
    this.#guard = new Guard({ frozen: base, share: guardShare, engine, from: saved.guard, key: guardKey });
    this.#stop = saved.stop;
  }

  static async open(options: LogLearnerOptions): Promise<LogLearner> {
    const { directory, output, events, engine, isNext = false } = options;
    const unlock = isNext ? () => undefined : lockAll(options);
    try {
      const before = isNext ? undefined : await openLearner(output, engine);
      const continued = resolve(directory) === resolve(output) ? before?.model : undefined;
      const { base, through } = continued
        ? { base: continued, through: undefined }
        : await baseIn(directory, engine);
      const snapshot = continued || before?.saved.base === base.checksum ? before : undefined;
      const { model = base, saved = {} } = snapshot ?? {};
      const learnt = snapshot ? await placesOf(events, snapshot.saved) : placesBehind(options.from, through);
      const others: OtherLog[] = [];
      for (const log of options.others ?? []) {
        const saved = snapshot?.saved.others?.find((one) => one.directory === log);
        others.push(await OtherLog.open(log, saved, through, options.settledMs));
      }
      const begins = snapshot ? undefined : beginningOf(through, before !== undefined);
      const learner = new LogLearner(options, { base, model, saved, learnt, others, begins, unlock });
      // So that a process that is killed before its first save loses no click.
      if (!snapshot && !isNext) await learner.#save();
      return learner;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  get status(): LearnStatus {
    const { wins, losses } = this.#guard.state;
    return {
      clicks: this.#clicks,
      pairs: this.#learner.pairs,
      dropped: this.#learner.dropped,
      newItems: this.#learner.itemIds.length - this.#base.itemIds.length,
      learnt: this.#learnt,
      position: latestOf(this.#learnt),
      error: this.#error,
      guard: { learner: wins, frozen: losses, evidence: this.#guard.evidence },
      stopped: this.#current,
      begins: this.#begins,
      skipped: this.#skipped,
    };
  }

  get #current(): LearnStop | undefined {
    return this.#stop?.isOver ? undefined : this.#stop;
  }

  restored(): SharedModel | undefined {
    const serves = this.#stop ? this.#stop.until !== undefined : this.#learner.pairs > 0;
    return serves ? this.#share() : undefined;
  }

  /** @returns what is to be served from now on; undefined for what is served. */
  async take(request: LearnRequest): Promise<SharedModel | undefined> {
    const { to, publish, save, items, takesOver, forget = [] } = request;
    this.#learner.forget(forget);
    const stop = this.#current;
    if (stop && !stop.until) return undefined;
    const resumes = stop && isDue(stop);
    try {
      if (takesOver) this.#unlock = lockAll(this.#options);
      if (save) this.#error = undefined;
      if (items) this.#addItems(items);
      const own = readClicks(this.#options.events, this.#learnt, to);
      const others = this.#others.map((log) => this.#tryRead(log));
      for await (const { log, line } of mergeLogs([own, ...others])) {
        if (stop) this.#skipped++;
        else this.#learn(line);
        if (log === 0) advance(this.#learnt, line.end);
        else this.#others[log - 1].advance(line);
      }
      if (this.#guard.isBehind)
        return await this.#goBack('behind', 'The model that it began with lists next clicks higher');
      if (resumes) this.#stop = { ...stop, isOver: true };
      if (save || resumes) await this.#trySave();
      const isNew = this.#pairsShared !== this.#learner.pairs || this.#added > 0;
      return publish && isNew ? this.#share() : undefined;
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException;
      // Reading is tried again: what was read before is learnt, and what was not is not.
      this.#error = message;
      if (code !== undefined) return undefined;
      const isDiverged = error instanceof NonFiniteLossError || error instanceof NotFinite;
      if (isDiverged) return await this.#goBack('not finite', message);
      this.#stop = nextStop({ reason: 'failed', message }, this.#stop);
      return undefined;
    }
  }

  close(): void {
    this.#learner.dispose();
    this.#unlock();
  }

  #addItems(items: AddedItems): void {
    this.#items = items;
    const lacking = [...items.ids.keys()].filter(
      (at) => this.#learner.itemIds.indexOf(items.ids[at] ?? '') < 0,
    );
    this.#added += this.#learner.addItems(
      lacking.map((at) => {
        const { features, vector } = featuresAt(items, at);
        return [items.ids[at] ?? '', composeItem(this.#base, -1, features, vector)];
      }),
    );
  }

  #learn({ logged, end, isPart }: LogLine): void {
    if (isPart)
      this.#error ??= `A line of ${end.day}.jsonl has more than 1 MiB up to byte ${end.bytes}, and is not learnt`;
    if (logged) {
      const { sessionId: session, click } = logged;
      const { item, timeMs, type, context = {} } = click;
      const features = this.#base.clicks?.encode(context, type);
      this.#guard.click(session, { item, features });
      this.#learner.learn([{ session, item, features, timeMs: this.#clock.read(timeMs, end.day) }]);
    }
    this.#clicks++;
  }

  /** One log that cannot be read does not keep this learner from the others. */
  async *#tryRead(log: OtherLog): AsyncGenerator<readonly LogLine[]> {
    try {
      yield* log.read();
    } catch (error) {
      this.#error = (error as Error).message;
    }
  }

  #share(): SharedModel {
    const places = [this.#learnt, ...this.#others.map(({ learnt }) => learnt)].map(latestOf);
    const items = this.#added > 0 ? `+${this.#learner.itemIds.length}` : '';
    const version = `${this.#lineage}@${places.map(({ day, bytes }) => `${day}:${bytes}`).join('+')}${items}`;
    const about = {
      version,
      lineage: this.#lineage,
      config: withoutMoment(this.#base.config),
      clickVocabulary: this.#base.clickVocabulary,
      trending: this.#base.trending,
    };
    const inUse = [...this.#latest, this.#guard.good];
    const shared = this.#space.make(inUse, (array) => shareModel(this.#learner, about, array));
    this.#latest = [...this.#latest.slice(-1), shared];
    this.#pairsShared = this.#learner.pairs;
    this.#added = 0;
    this.#guard.use(shared);
    return shared;
  }

  async #trySave(): Promise<void> {
    try {
      await this.#save();
    } catch (error) {
      if (error instanceof NotFinite) throw error;
      this.#error = (error as Error).message;
    }
  }

  async #save(): Promise<void> {
    const model = this.#learner.model();
    model.trending = this.#base.trending;
    checkFinite(model.tensors);
    await saveLearner(this.#options.output, model, {
      base: this.#lineage,
      ...(await placeIn(this.#options.events, this.#learnt)),
      others: [...this.#othersBefore, ...(await Promise.all(this.#others.map((log) => log.saved())))],
      clock: this.#clock.state,
      guard: this.#guard.state,
      stop: this.#stop,
      learner: this.#learner.state(),
    });
  }

  /** Goes back to the last good version, and learns nothing for a time, or for good. */
  async #goBack(reason: LearnStop['reason'], message: string): Promise<SharedModel> {
    const { engine, settings } = this.#options;
    // A process that went on with evidence against its version has none that is good but the first.
    const { good } = this.#guard;
    this.#stop = nextStop({ reason, message }, this.#stop);
    this.#learner.dispose();
    const model = good ? openShared(good, engine, undefined, this.#base) : this.#base;
    this.#learner = new Learner(model, { ...settings, engine });
    this.#guard.reset();
    if (this.#items) this.#addItems(this.#items);
    this.#error = undefined;
    await this.#trySave();
    return this.#share();
  }
}

function beginningOf(through: string | undefined, replaces: boolean): string {
  const place =
    through === undefined
      ? "At the end of the log: the model's dataset has no day of one"
      : `Behind ${through}, the last day of the log in the model's dataset`;
  return replaces ? `${place}. It replaces what another model has learnt` : place;
}

async function baseIn(directory: string, engine: Engine) {
  const stored = await readModel(directory);
  return { base: new Gru4Rec({ ...stored, engine }), through: stored.dataset?.logThrough };
}

export async function serveLearner(port: MessagePort, options: LogLearnerOptions): Promise<void> {
  const send = (message: FromLearner) => port.postMessage(message);
  const fail = (error: unknown) => send({ kind: 'failed', message: describeCauses(error) });
  // Answers come first on a processor that both want. Only Linux has priorities of threads.
  const thread = existsSync('/proc/thread-self') && Number(basename(readlinkSync('/proc/thread-self')));
  // A lower one stays: only root may raise it.
  if (thread && getPriority(thread) < 10) setPriority(thread, 10);
  try {
    const learner = await LogLearner.open(options);
    const requests = new SerialQueue();
    const take = async (request: LearnRequest) => {
      const model = await learner.take(request);
      if (request.close) learner.close();
      send({ kind: 'done', status: learner.status, model });
      if (request.close) port.close();
    };
    port.on('message', (request: LearnRequest) => requests.run(() => take(request)).catch(fail));
    send({ kind: 'done', status: learner.status, model: learner.restored() });
  } catch (error) {
    fail(error);
  }
}
