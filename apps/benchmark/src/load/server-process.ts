import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { peakMemoryOf } from '../memory-of.ts';

/** How to start a server. */
export interface ServerProgram {
  readonly file: string;
  readonly words: readonly string[];
  /** Its address in a line of its standard output. */
  readonly address: RegExp;
}

const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 40_000;
const KEPT_CHARACTERS = 4000;

/** A server in its own process, which was started and is stopped by its id. */
export class ServerProcess {
  /** Its address, without a path. */
  readonly url: string;
  /** From the start of the process to the line with its address. */
  readonly startSeconds: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, url: string, startSeconds: number) {
    this.#child = child;
    this.url = url;
    this.startSeconds = startSeconds;
  }

  /**
   * Starts a server and waits for its address.
   * @throws Error with the end of its standard error if it ends before, or takes longer than two minutes.
   */
  static async start({ file, words, address }: ServerProgram): Promise<ServerProcess> {
    const start = performance.now();
    const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    let [output, complaints] = ['', ''];
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints = (complaints + text).slice(-KEPT_CHARACTERS);
    });
    const failed = (how: string): Error =>
      new Error(`serve: ${file} ${words.join(' ')} ${how}: ${complaints.trim() || 'it said nothing'}`);
    try {
      const url = await new Promise<string>((resolve, reject) => {
        const limit = setTimeout(() => reject(failed('gave no address in time')), START_LIMIT_MS);
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          output = (output + text).slice(-KEPT_CHARACTERS);
          const [found] = address.exec(output) ?? [];
          if (found === undefined) return;
          clearTimeout(limit);
          resolve(found);
        });
        child.once('error', reject);
        child.once('exit', (code, signal) => reject(failed(`ended with ${code ?? signal}`)));
      });
      return new ServerProcess(child, url, (performance.now() - start) / 1000);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  /** Peak memory so far, where the system reports it. */
  get peakMiB(): number | undefined {
    return this.#child.pid === undefined ? undefined : peakMemoryOf(this.#child.pid);
  }

  /** Asks it to stop, and kills it if it does not within 40 s. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const limit = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    await ended;
    clearTimeout(limit);
  }
}

/** Figures that a server reports in the format of Prometheus. */
export interface ServerFigures {
  /** Processor time of its process, all threads together. */
  readonly cpuSeconds: number;
  /** 99th percentile of the delays of its event loop since the last call. */
  readonly eventLoopLagMs: number;
}

/** Interval of the timer whose delays Node measures; prom-client reports it as part of them. */
const LAG_TIMER_MS = 10;

/**
 * Reads `/metrics`, which starts a new period of the event loop's delays.
 * @throws Error if the server reports no such figures.
 */
export async function readFigures(url: string): Promise<ServerFigures> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const figure = (name: string): number => {
    const [, value] = new RegExp(`^${name} (\\S+)$`, 'm').exec(text) ?? [];
    if (value === undefined) throw new Error(`serve: /metrics expected ${name}, got none`);
    return Number(value);
  };
  return {
    cpuSeconds: figure('process_cpu_user_seconds_total') + figure('process_cpu_system_seconds_total'),
    eventLoopLagMs: Math.max(0, 1000 * figure('nodejs_eventloop_lag_p99_seconds') - LAG_TIMER_MS),
  };
}
