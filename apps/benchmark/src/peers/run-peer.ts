import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Program } from '../own-program.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';
import { type PeerEvent, parseEvents } from './events.ts';
import { type PeerName, pythonOf, runnersFolder } from './peers.ts';

/** The task of a peer. */
export interface PeerRequest {
  readonly threads: number;
  readonly [key: string]: unknown;
}

/** The runner of a peer, by the name of its file in `peers/` without extension. */
export function peerProgram(directory: string, peer: PeerName, runner: string): Program {
  return { file: pythonOf(directory, peer), words: [join(runnersFolder, `${runner}.py`)] };
}

/**
 * Starts a peer in its own process and collects its events.
 *
 * @throws Error with the last lines of its standard error if it fails or ends without `done`.
 */
export function runPeer(program: Program, request: PeerRequest): Promise<PeerEvent[]> {
  return inTemporaryFolder('benchmark-peer', async (folder) => {
    const file = join(folder, 'request.json');
    writeFileSync(file, JSON.stringify(request));
    const name = program.words.at(-1)?.split(/[\\/]/).at(-1) ?? program.file;
    const { stdout, stderr } = await runToEnd(name, program, file, request.threads);
    const events = parseEvents(stdout, name);
    if (events.at(-1)?.event === 'done') return events;
    throw new Error(`${name}: ended without "done": ${lastLines(stderr)}`);
  });
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' / ') || 'it said nothing';
}

async function runToEnd(
  name: string,
  { file, words }: Program,
  request: string,
  threads: number,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  // Numerical libraries read these variables when they load, before a program can set anything.
  const count = String(threads);
  const limits = { OMP_NUM_THREADS: count, MKL_NUM_THREADS: count, POLARS_MAX_THREADS: count };
  const env = { ...process.env, ...limits, PYTHONDONTWRITEBYTECODE: '1' };
  try {
    return await promisify(execFile)(file, [...words, request], { env, maxBuffer: Number.POSITIVE_INFINITY });
  } catch (error) {
    const { code, signal, stderr } = error as { code?: unknown; signal?: string; stderr: string };
    if (signal === 'SIGKILL') throw new Error(`${name}: killed by the system, as it does when out of memory`);
    if (typeof code !== 'number') throw error;
    throw new Error(`${name}: ended with ${code}: ${lastLines(stderr)}`);
  }
}
