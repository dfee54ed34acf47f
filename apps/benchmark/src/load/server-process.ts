import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Program, peakMiB } from '../environment.ts';

const [START_LIMIT_MS, STOP_LIMIT_MS] = [120_000, 40_000];
const address = /http:\/\/127\.0\.0\.1:\d+(?=\D)/;

export interface ServerProcess {
  readonly url: string;
  readonly startSeconds: number;
  /** Peak memory so far; 0 if the system does not report it. */
  readonly peakMiB: () => number;
}

/** Waits two minutes for a line with a loopback address; stops the server after `use`, by force after 40 s. */
export async function withServer<T>(
  { file, words }: Program,
  use: (server: ServerProcess) => Promise<T>,
): Promise<T> {
  const start = performance.now();
  const child = spawn(file, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'exit');
  let [output, complaints] = ['', ''];
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const addressed = new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const [url] = address.exec(output) ?? [];
      if (url !== undefined) resolve(url);
    });
  });
  const failed = ended.then(([code, signal]): never => {
    const how = `ended with ${code ?? signal}: ${complaints.trim() || 'it said nothing'}`;
    throw new Error(`serve: ${file} ${words.join(' ')} ${how}`);
  });
  const killAfter = (limitMs: number) => setTimeout(() => child.kill('SIGKILL'), limitMs);
  let limit = killAfter(START_LIMIT_MS);
  try {
    const url = await Promise.race([addressed, failed]);
    clearTimeout(limit);
    const startSeconds = (performance.now() - start) / 1000;
    return await use({ url, startSeconds, peakMiB: () => peakMiB(child.pid) });
  } finally {
    clearTimeout(limit);
    limit = killAfter(STOP_LIMIT_MS);
    if (child.kill('SIGTERM')) await ended;
    clearTimeout(limit);
  }
}

export interface ServerFigures {
  /** Processor time of its process, all threads together. */
  readonly cpuSeconds: number;
  /** 99th percentile of the delays of its event loop since the last call. */
  readonly loopLagMs: number;
}

/** The interval of the timer whose delays Node measures; part of them in prom-client. */
const LAG_TIMER_MS = 10;

/** Reads `/metrics`. @throws Error if the server reports no such figures. */
export async function readFigures(url: string): Promise<ServerFigures> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const figure = (name: string): number => {
    const [, value] = new RegExp(`^${name} (\\S+)$`, 'm').exec(text) ?? [];
    if (value === undefined) throw new Error(`serve: /metrics expected ${name}, got none`);
    return Number(value);
  };
  return {
    cpuSeconds: figure('process_cpu_user_seconds_total') + figure('process_cpu_system_seconds_total'),
    loopLagMs: Math.max(0, 1000 * figure('nodejs_eventloop_lag_p99_seconds') - LAG_TIMER_MS),
  };
}
