import { readdir, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { recover } from '@gru4rec/durable-files';
import {
  type ModelConfig,
  ModelError,
  readModel,
  readSnapshotHistory,
  saveSnapshot,
  type TrainingSnapshot,
} from '@gru4rec/model';
import { readSnapshot } from '../arguments/read-inputs.ts';
import { describeError } from '../terminal/describe-error.ts';
import type { Output } from '../terminal/terminal.ts';

const KEPT = 2;
const NAME = /^step-(\d{9,})$/;
const LEFTOVER = /^\.step-\d{9,}\./;

export interface WantedModel {
  readonly config: ModelConfig;
  readonly datasetChecksum: string;
  readonly epochsBefore: number;
}

export class Checkpoints {
  readonly #output: string;
  readonly #directory: string;
  readonly #stderr: Output;

  constructor(output: string, stderr: Output) {
    this.#output = output;
    this.#directory = `${output}.checkpoints`;
    this.#stderr = stderr;
  }

  async save(snapshot: TrainingSnapshot): Promise<void> {
    const name = nameOf(snapshot.before.steps + snapshot.steps);
    if (!(await this.#has(name))) await saveSnapshot(snapshot, join(this.#directory, name));
    const earlier = (await this.#names()).filter((other) => stepOf(other) <= stepOf(name));
    const stay = new Set(earlier.slice(-KEPT));
    const best = await this.#firstOf(earlier, snapshot.stopping?.best?.epoch);
    for (const other of earlier) if (!stay.has(other) && other !== best) await this.#drop(other);
  }

  /** Reads the newest intact snapshot. Warns of damaged ones on `stderr`. */
  async newest(): Promise<TrainingSnapshot | undefined> {
    for (const name of (await this.#names()).reverse()) {
      try {
        return await readSnapshot(join(this.#directory, name));
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        this.#stderr.write(`Warning: a checkpoint is skipped: ${describeError(error)}\n`);
      }
    }
    return undefined;
  }

  async refuse(overwrite: boolean): Promise<void> {
    if (overwrite || (await this.#names()).length === 0) return;
    throw new Error(
      `${this.#directory} has checkpoints of an interrupted run. ` +
        'Add --resume to continue it, or --overwrite to start again',
    );
  }

  /** Whether the run had saved its model. Removes its checkpoints then. */
  async finish({ config, datasetChecksum, epochsBefore }: WantedModel): Promise<boolean> {
    await recover(this.#output);
    const model = await readModel(this.#output).catch(() => undefined);
    if (!model || JSON.stringify(model.config) !== JSON.stringify(config)) return false;
    if (model.dataset?.checksum !== datasetChecksum) return false;
    if ((model.history.at(-1)?.epoch ?? 0) <= epochsBefore) return false;
    await this.remove();
    return true;
  }

  async remove(): Promise<void> {
    const entries = await this.#entries();
    for (const name of entries.filter((entry) => NAME.test(entry))) await this.#drop(name);
    for (const name of entries.filter((entry) => LEFTOVER.test(entry))) {
      await rm(join(this.#directory, name), { recursive: true, force: true });
    }
    await rmdir(this.#directory).catch(() => undefined);
  }

  async #has(name: string): Promise<boolean> {
    if (!(await this.#entries()).includes(name)) return false;
    const whole = await readSnapshot(join(this.#directory, name)).catch(() => undefined);
    if (!whole) await this.#drop(name);
    return whole !== undefined;
  }

  /** Renamed first, so that a partly removed folder is not a checkpoint. */
  async #drop(name: string): Promise<void> {
    const dropped = join(this.#directory, `.${name}.dropped`);
    await rm(dropped, { recursive: true, force: true });
    await rename(join(this.#directory, name), dropped);
    await rm(dropped, { recursive: true, force: true });
  }

  /** The first checkpoint after an epoch, whose parameters are nearest to those at the end of the epoch. */
  async #firstOf(names: readonly string[], epoch: number | undefined): Promise<string | undefined> {
    if (epoch === undefined) return undefined;
    for (const name of names) {
      const history = await readSnapshotHistory(join(this.#directory, name)).catch(() => []);
      if (history.at(-1)?.epoch === epoch) return name;
    }
    return undefined;
  }

  async #names(): Promise<string[]> {
    const names = (await this.#entries()).filter((entry) => NAME.test(entry));
    return names.sort((a, b) => stepOf(a) - stepOf(b));
  }

  async #entries(): Promise<string[]> {
    return readdir(this.#directory).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code === 'ENOENT') return [];
      throw new Error(`The checkpoints ${this.#directory} cannot be read`, { cause });
    });
  }
}

function nameOf(steps: number): string {
  return `step-${String(steps).padStart(9, '0')}`;
}

function stepOf(name: string): number {
  return Number(NAME.exec(name)?.[1]);
}
