import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Entrant, Turn } from './contest.ts';
import { inTemporaryFolder, type Program } from './environment.ts';

export type PeerName = 'cornac' | 'polars';

const runnersFolder = fileURLToPath(new URL('../peers/', import.meta.url));

/** In the folder that GRU4REC_PEERS names, or else `.gru4rec/peers` of this repository. */
function pythonOf(peer: PeerName): string {
  const { GRU4REC_PEERS = '', INIT_CWD = '' } = process.env;
  const here = fileURLToPath(new URL('../../../.gru4rec/peers', import.meta.url));
  const folder = GRU4REC_PEERS ? resolve(INIT_CWD, GRU4REC_PEERS) : here;
  const file = process.platform === 'win32' ? 'Scripts/python.exe' : 'bin/python';
  return join(folder, peer, file);
}

function versionOf(peer: PeerName): string {
  const lines = readFileSync(join(runnersFolder, `${peer}.txt`), 'utf8');
  return lines.match(new RegExp(`^(${peer}|torch)==\\S+`, 'gm'))?.join(', ') ?? peer;
}

/** One per number of threads, or why the peer does not take part. `task`: without threads; `turnOf` reads the answer. */
export function peerEntrants<Answer>(
  { peer, runner, threads }: { peer: PeerName; runner: string; threads: readonly number[] },
  task: Readonly<Record<string, unknown>>,
  turnOf: (answer: Answer) => Turn,
): readonly Entrant[] {
  const file = pythonOf(peer);
  const name = versionOf(peer);
  if (!existsSync(file)) return [{ name, problem: `not installed: ${file} is missing. README.md says how` }];
  const program = { file, words: [join(runnersFolder, `${runner}.py`)] };
  return threads.map((count) => ({
    name: `${name}, ${count} thread${count === 1 ? '' : 's'}`,
    take: async () => turnOf(await runPeer(program, { ...task, threads: count })),
  }));
}

/** The answer is a line of JSON. @throws Error with the last lines of its standard error if it fails or ends without one. */
function runPeer<Answer>(
  { file, words }: Program,
  request: Readonly<Record<string, unknown>> & { readonly threads: number },
): Promise<Answer> {
  return inTemporaryFolder('benchmark-peer', async (folder) => {
    const task = join(folder, 'request.json');
    writeFileSync(task, JSON.stringify(request));
    const name = basename(words.at(-1) ?? file);
    // Numerical libraries read these variables when they load, before a program can set anything.
    const count = String(request.threads);
    const limits = { OMP_NUM_THREADS: count, MKL_NUM_THREADS: count, POLARS_MAX_THREADS: count };
    const env = { ...process.env, ...limits, PYTHONDONTWRITEBYTECODE: '1' };
    const options = { env, maxBuffer: Number.POSITIVE_INFINITY };
    const { stdout, stderr } = await promisify(execFile)(file, [...words, task], options).catch((error) => {
      const how = error.code ?? error.signal;
      throw new Error(`${name}: ended with ${how}: ${lastLines(error.stderr ?? error.message)}`);
    });
    if (stdout.trim() !== '') return JSON.parse(stdout);
    throw new Error(`${name}: ended without an answer: ${lastLines(stderr)}`);
  });
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' / ') || 'it said nothing';
}
