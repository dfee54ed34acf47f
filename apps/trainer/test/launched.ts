import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Command, npmToolCommand } from '../../../scripts/lib/commands.mjs';
import { readPins, repositoryRoot } from '../../../scripts/lib/repository.mjs';

/** Ways to start the trainer from a shell. */
export const ways: Readonly<Record<string, () => Command | undefined>> = {
  'npm start': () => {
    const { file, args } = npmToolCommand('npm');
    return { file, args: [...args, '--silent', '--prefix', repositoryRoot, 'start', '--'] };
  },
  'pnpm start': () => {
    const file = findPnpm();
    if (file === undefined) return undefined;
    return { file, args: ['--silent', '--dir', repositoryRoot, '--filter', 'trainer', 'start'] };
  },
  'start.mjs': () => ({ file: process.execPath, args: [join(repositoryRoot, 'scripts', 'start.mjs')] }),
};

/** The pinned pnpm, if npm has it already. */
function findPnpm(): string | undefined {
  const { file, args } = npmToolCommand('npx');
  const find = ['--offline', '--yes', '-p', `pnpm@${readPins().pnpmVersion}`, '-c', 'command -v pnpm'];
  try {
    return execFileSync(file, [...args, ...find], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}

/** A training run started by a launcher, in its own process group. */
export class LaunchedTraining {
  readonly #child: ChildProcess;
  readonly #output: string;
  readonly #ended: Promise<number>;
  #stderr = '';
  #onStderr = () => {};

  /** @param folder - the user's folder, which contains the dataset `data`. */
  constructor({ file, args }: Command, folder: string) {
    this.#output = join(folder, 'model');
    const settings = ['--set', 'layers=16', 'batchSize=8', 'nSample=32', 'learningRate=0.1'];
    const train = ['train', 'data', '--output', 'model', '--overwrite', '--set', 'nEpochs=1000000'];
    const child = spawn(file, [...args, ...train, '--checkpoint-every', '60m', ...settings], {
      cwd: folder,
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#onStderr();
    });
    this.#child = child;
    this.#ended = new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']));
    });
    onTestFinished(() => this.#killAll());
  }

  /** Waits until `count` more epochs are complete. */
  async epochs(count: number): Promise<void> {
    const wanted = this.#epochsShown() + count;
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (this.#epochsShown() >= wanted) resolve();
      };
      this.#onStderr = look;
      this.#child.on('close', () => reject(new Error(`The run ended: ${this.#stderr}`)));
      look();
    });
  }

  /** The processes from the launcher to the run, parents first. */
  processes(): number[] {
    const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
    const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
    const found = [this.#pid];
    for (const parent of found)
      found.push(...pairs.filter(([, above]) => above === parent).map(([pid]) => pid));
    return found;
  }

  /** Sends a signal to one of `processes()`, or to the whole group. */
  kill(signal: NodeJS.Signals, target: number | 'group'): void {
    process.kill(target === 'group' ? -this.#pid : target, signal);
  }

  /** @returns the exit code that the caller's shell has in `$?`. */
  status(): Promise<number> {
    return this.#ended;
  }

  /** Waits until no process has its standard error open. */
  async gone(): Promise<void> {
    if (this.#child.stderr?.closed) return;
    await new Promise((resolve) => this.#child.stderr?.on('close', resolve));
  }

  checkpoints(): string[] {
    return readdirSync(`${this.#output}.checkpoints`).filter((name) => name.startsWith('step-'));
  }

  get #pid(): number {
    if (this.#child.pid === undefined) throw new Error('The launcher did not start');
    return this.#child.pid;
  }

  #epochsShown(): number {
    return this.#stderr.match(/^epoch \d+ /gm)?.length ?? 0;
  }

  #killAll(): void {
    try {
      process.kill(-this.#pid, 'SIGKILL');
    } catch {
      // Already ended, as expected.
    }
  }
}
