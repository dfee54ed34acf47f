import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PeerEvent, parseEvents } from './events.ts';
import { type PeerName, pythonOf, runnersFolder } from './peers.ts';

/** What a peer is asked to do. */
export interface PeerRequest {
  readonly threads: number;
  readonly [key: string]: unknown;
}

/** Which program is started. */
export interface PeerProgram {
  readonly file: string;
  readonly words: readonly string[];
}

/** The runner of a peer, by its file in `peers/` without ending. */
export function peerProgram(directory: string, peer: PeerName, runner: string): PeerProgram {
  return { file: pythonOf(directory, peer), words: [join(runnersFolder, `${runner}.py`)] };
}

/**
 * Starts a peer as a process of its own and collects what it reports.
 *
 * @throws Error with the last lines of its complaints if it fails or ends without `done`.
 */
export async function runPeer(program: PeerProgram, request: PeerRequest): Promise<PeerEvent[]> {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-peer-'));
  try {
    const file = join(folder, 'request.json');
    writeFileSync(file, JSON.stringify(request));
    const { output, complaints, status } = await runToEnd(program, file, request.threads);
    const name = program.words.at(-1)?.split(/[\\/]/).at(-1) ?? program.file;
    if (status !== 0) throw new Error(`${name}: ended with ${status}: ${lastLines(complaints)}`);
    const events = parseEvents(output, name);
    if (events.at(-1)?.event !== 'done')
      throw new Error(`${name}: ended without "done": ${lastLines(complaints)}`);
    return events;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' / ') || 'it said nothing';
}

function runToEnd(
  { file, words }: PeerProgram,
  request: string,
  threads: number,
): Promise<{ output: string; complaints: string; status: number | null }> {
  // Read by the arithmetic libraries when they load, before a program can set anything.
  const count = String(threads);
  const limits = { OMP_NUM_THREADS: count, MKL_NUM_THREADS: count, POLARS_MAX_THREADS: count };
  return new Promise((resolve, reject) => {
    const child = spawn(file, [...words, request], {
      env: { ...process.env, ...limits, PYTHONDONTWRITEBYTECODE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [output, complaints] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      complaints += text;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ output, complaints, status }));
  });
}
