import { resolve } from 'node:path';
import { lockOutput } from '@gru4rec/durable-files';
import { type Gru4Rec, Learner, type LearnerState, loadModel, NonFiniteLossError } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { type LogLines, type LogPosition, readClicks } from '../event-log/read-clicks.ts';
import { Guard } from './guard.ts';
import {
  findPosition,
  marksBefore,
  openLearner,
  readStop,
  recordStop,
  type SavedLearner,
  saveLearner,
} from './learner-folder.ts';
import type { LearnData, LearnRequest, LearnStatus, LearnStop } from './learner-messages.ts';
import { LogClock } from './log-clock.ts';
import { checkFinite, NotFinite, type SharedModel, shareModel } from './shared-model.ts';
import { SharedSpace } from './shared-space.ts';

/** What a learner of a log works with. */
export interface LogLearnerOptions extends LearnData {
  /** Folder of the model that learning begins with. */
  readonly directory: string;
  readonly engine: Engine;
}

/** What a learner goes on from. */
interface Beginning {
  readonly base: Gru4Rec;
  readonly model: Gru4Rec;
  readonly saved: Partial<Omit<SavedLearner, 'learner'>> & { readonly learner?: LearnerState };
  readonly position: LogPosition;
  readonly stopped: LearnStop | undefined;
  readonly unlock: () => void;
}

/** Learns each click of an event log once, and saves how far it is. */
export class LogLearner {
  readonly #options: LogLearnerOptions;
  readonly #base: Gru4Rec;
  readonly #lineage: string;
  readonly #learner: Learner;
  readonly #guard: Guard;
  readonly #clock: LogClock;
  readonly #unlock: () => void;
  readonly #space = new SharedSpace<SharedModel>();
  /** The version that serves, and the one before, whose last questions may be open. */
  #latest: readonly SharedModel[] = [];
  #position: LogPosition;
  #stopped: LearnStop | undefined;
  #clicks = 0;
  #seconds = 0;
  #pairsShared: number | undefined;
  #savedMs: number | undefined;
  #error: string | undefined;

  private constructor(options: LogLearnerOptions, { base, model, saved, ...rest }: Beginning) {
    const { engine, settings, guardShare } = options;
    this.#options = options;
    this.#base = base;
    this.#lineage = saved.base ?? base.checksum ?? '';
    this.#position = rest.position;
    this.#stopped = rest.stopped;
    this.#unlock = rest.unlock;
    this.#clock = new LogClock(saved.clock);
    const { learner: state } = saved;
    this.#learner = new Learner(model, { ...settings, engine, ...(state && { state }) });
    this.#guard = new Guard({ frozen: base, share: guardShare, engine, from: saved.guard });
  }

  /**
   * Goes on from what the output folder has, or begins with the model.
   * @throws Error if another learner writes the folder, or it is damaged or of another model.
   */
  static async open(options: LogLearnerOptions): Promise<LogLearner> {
    const { directory, output, events, engine } = options;
    const unlock = lockOutput(output, 'serve --learn');
    try {
      const stopped = await readStop(output);
      const found = stopped ? undefined : await openLearner(output, engine);
      const isOwn = resolve(directory) === resolve(output);
      const base = isOwn && found ? found.model : await loadModel(directory, { engine });
      if (found && !isOwn && found.saved.base !== base.checksum) {
        throw new Error(
          `${output} has learnt from another model than ${directory}. Name another --learn-output, or serve ${output}`,
        );
      }
      const { model = base, saved = {} } = found ?? {};
      const position = found ? await findPosition(events, found.saved) : options.from;
      const learner = new LogLearner(options, { base, model, saved, position, stopped, unlock });
      // So that a process that is killed before its first save loses no click.
      if (!found && !stopped) await learner.#save();
      return learner;
    } catch (error) {
      unlock();
      throw error;
    }
  }

  get status(): LearnStatus {
    const { wins, losses } = this.#guard.state;
    const items = this.#learner.itemIds.length;
    return {
      clicks: this.#clicks,
      pairs: this.#learner.pairs,
      dropped: this.#learner.dropped,
      items,
      newItems: items - this.#base.itemIds.length,
      seconds: this.#seconds,
      position: this.#position,
      savedMs: this.#savedMs,
      error: this.#error,
      guard: { learner: wins, frozen: losses, evidence: this.#guard.evidence },
      stopped: this.#stopped,
    };
  }

  /** What an earlier process learnt; undefined if nothing. */
  restored(): SharedModel | undefined {
    return this.#learner.pairs === 0 || this.#stopped ? undefined : this.#share();
  }

  /** Learns what the log has, and saves. @returns what is to be served from now on; undefined for what is served. */
  async take({ to, publish, save }: LearnRequest): Promise<SharedModel | undefined> {
    if (this.#stopped) return undefined;
    const start = performance.now();
    try {
      if (save) this.#error = undefined;
      for await (const lines of readClicks(this.#options.events, this.#position, to)) this.#learn(lines);
      if (this.#guard.isBehind)
        return await this.#stop('behind', 'The model that it began with lists next clicks higher');
      if (save) await this.#trySave();
      return publish && this.#pairsShared !== this.#learner.pairs ? this.#share() : undefined;
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException;
      // Reading is tried again: what was read before is learnt, and what was not is not.
      this.#error = message;
      if (code !== undefined) return undefined;
      const isDiverged = error instanceof NonFiniteLossError || error instanceof NotFinite;
      return await this.#stop(isDiverged ? 'not finite' : 'failed', message);
    } finally {
      this.#seconds += (performance.now() - start) / 1000;
    }
  }

  /** Frees everything, and lets others write the folder. */
  close(): void {
    this.#learner.dispose();
    this.#unlock();
  }

  #learn({ clicks, lines, end }: LogLines): void {
    for (const { session, item, timeMs } of clicks) {
      this.#guard.click(session, item);
      this.#learner.learn([{ session, item, timeMs: this.#clock.read(timeMs, end.day) }]);
    }
    this.#clicks += lines.length;
    this.#position = end;
  }

  #share(): SharedModel {
    const { day, bytes } = this.#position;
    const version = `${this.#lineage}@${day}:${bytes}`;
    const about = {
      version,
      lineage: this.#lineage,
      config: { ...this.#base.config, freshness: 'none' as const },
    };
    const inUse = [...this.#latest, this.#guard.good];
    const shared = this.#space.make(inUse, (array) => shareModel(this.#learner, about, array));
    this.#latest = [...this.#latest.slice(-1), shared];
    this.#pairsShared = this.#learner.pairs;
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
    checkFinite(model.tensors);
    await saveLearner(this.#options.output, model, {
      base: this.#lineage,
      position: this.#position,
      marks: await marksBefore(this.#options.events, this.#position),
      clock: this.#clock.state,
      guard: this.#guard.state,
      learner: this.#learner.state(),
    });
    this.#savedMs = Date.now();
  }

  /** Learns nothing more, in later processes neither. */
  async #stop(reason: LearnStop['reason'], message: string): Promise<SharedModel | undefined> {
    this.#stopped = { reason, message, at: new Date().toISOString() };
    if (reason !== 'failed') await recordStop(this.#options.output, this.#stopped).catch(() => undefined);
    return reason === 'behind' ? this.#guard.good : undefined;
  }
}
