import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryOf } from '../memory-of.ts';
import { type PeerEvent, parseEvents } from './events.ts';
import { type PeerName, pythonOf, runnersFolder } from './peers.ts';

/** The task of a peer. */
export interface PeerRequest {
  readonly threads: number;
  readonly [key: string]: unknown;
}

/** The program to start. */
export interface PeerProgram {
  readonly file: string;
  readonly words: readonly string[];
}

/** The runner of a peer, by the name of its file in `peers/` without extension. */
export function peerProgram(directory: string, peer: PeerName, runner: string): PeerProgram {
  return { file: pythonOf(directory, peer), words: [join(runnersFolder, `${runner}.py`)] };
}

const WATCH_MS = 50;

/**
 * Starts a peer in its own process and collects its events.
 *
 * @param mostMiB - the peer is killed if it uses more memory than this, on systems that report it.
 * @throws Error with the last lines of its standard error if it fails, is killed or ends without `done`.
 */
export async function runPeer(
  program: PeerProgram,
  request: PeerRequest,
  mostMiB: number = Number.POSITIVE_INFINITY,
): Promise<PeerEvent[]> {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-peer-'));
  try {
    const file = join(folder, 'request.json');
    writeFileSync(file, JSON.stringify(request));
    const { output, complaints, status, signal, grewTo } = await runToEnd(
      program,
      file,
      request.threads,
      mostMiB,
    );
    const name = program.words.at(-1)?.split(/[\\/]/).at(-1) ?? program.file;
    if (grewTo !== undefined)
      throw new Error(
        `${name}: killed, out of memory: it held ${gib(grewTo)} GiB, allowed are ${gib(mostMiB)}`,
      );
    if (signal === 'SIGKILL') throw new Error(`${name}: killed by the system, as it does when out of memory`);
    if (status !== 0) throw new Error(`${name}: ended with ${status}: ${lastLines(complaints)}`);
    const events = parseEvents(output, name);
    if (events.at(-1)?.event !== 'done')
      throw new Error(`${name}: ended without "done": ${lastLines(complaints)}`);
    return events;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function gib(mib: number): string {
  return (mib / 1024).toFixed(1);
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' / ') || 'it said nothing';
}

interface Ending {
  readonly output: string;
  readonly complaints: string;
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The memory in MiB for which it was killed. */
  readonly grewTo: number | undefined;
}

function runToEnd(
  { file, words }: PeerProgram,
  request: string,
  threads: number,
  mostMiB: number,
): Promise<Ending> {
  // Numerical libraries read these variables when they load, before a program can set anything.
  const count = String(threads);
  const limits = { OMP_NUM_THREADS: count, MKL_NUM_THREADS: count, POLARS_MAX_THREADS: count };
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...words, request], {
      env: { ...process.env, ...limits, PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [output, complaints] = ['', ''];
    let grewTo: number | undefined;
    const watch = setInterval(() => {
      const held = (child.pid && memoryOf('VmRSS', child.pid)) || 0;
      if (held <= mostMiB) return;
      grewTo = held;
      child.kill('SIGKILL');
    }, WATCH_MS);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    child.on('error', (error) => {
      clearInterval(watch);
      reject(error);
    });
    child.on('close', (status, signal) => {
      clearInterval(watch);
      resolve({ output, complaints, status, signal, grewTo });
    });
  });
}
