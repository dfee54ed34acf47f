import { execFile } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Entrant, Turn } from '../contest.ts';
import { inTemporaryFolder, type Program } from '../environment.ts';

export const peerNames = ['cornac', 'pandas', 'polars'] as const;
export type PeerName = (typeof peerNames)[number];

export const runnersFolder: string = fileURLToPath(new URL('../../peers/', import.meta.url));

export function peerFolder(peer: PeerName): string {
  const { GRU4REC_PEERS: given, INIT_CWD = '' } = process.env;
  if (given) return resolve(INIT_CWD, given, peer);
  return fileURLToPath(new URL(`../../../../.gru4rec/peers/${peer}`, import.meta.url));
}

export function requirementsOf(peer: PeerName): string {
  return readFileSync(join(runnersFolder, `${peer}.txt`), 'utf8');
}

export function versionOf(peer: PeerName): string {
  const lines = requirementsOf(peer);
  const pinned = (name: string) => new RegExp(`^${name}==(\\S+)`, 'm').exec(lines)?.[1];
  return [`${peer} ${pinned(peer)}`, ...(pinned('torch') ? [`torch ${pinned('torch')}`] : [])].join(', ');
}

export function pythonOf(peer: PeerName): string {
  const [folder, file] = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  return join(peerFolder(peer), folder, file);
}

export function peerProblem(peer: PeerName): string | undefined {
  const installed = join(peerFolder(peer), 'installed.txt');
  const how = `run: pnpm --filter benchmark peers --only ${peer}`;
  if (!existsSync(installed)) return `not installed; ${how}`;
  const isSame = readFileSync(installed, 'utf8') === requirementsOf(peer);
  return isSame ? undefined : `installed in other versions; ${how}`;
}

/** One per number of threads, or why the peer does not take part. `task`: without threads; `turnOf` reads the runner's answer. */
export function peerEntrants(
  { peer, runner, threads = [1, 2] }: { peer: PeerName; runner: string; threads?: readonly number[] },
  task: Readonly<Record<string, unknown>>,
  turnOf: (lines: readonly PeerEvent[]) => Turn,
): readonly Entrant[] {
  const problem = peerProblem(peer);
  const name = versionOf(peer);
  if (problem !== undefined) return [{ name, problem }];
  const program = { file: pythonOf(peer), words: [join(runnersFolder, `${runner}.py`)] };
  return threads.map((count) => ({
    name: `${name}, ${count} thread${count === 1 ? '' : 's'}`,
    take: async () => turnOf(await runPeer(program, { ...task, threads: count })),
  }));
}

export interface PeerEvent {
  readonly event: string;
  readonly [figure: string]: unknown;
}

/** Events are lines of JSON. @throws Error with the last lines of its standard error if it fails or ends without `done`. */
export function runPeer(
  { file, words }: Program,
  request: Readonly<Record<string, unknown>> & { readonly threads: number },
): Promise<PeerEvent[]> {
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
      const { code, signal } = error;
      if (signal === 'SIGKILL')
        throw new Error(`${name}: killed by the system, as it does when out of memory`);
      throw typeof code === 'number'
        ? new Error(`${name}: ended with ${code}: ${lastLines(error.stderr)}`)
        : error;
    });
    const lines = stdout.split('\n').filter((line) => line.trim() !== '');
    const events: PeerEvent[] = lines.map((line) => JSON.parse(line));
    if (events.at(-1)?.event === 'done') return events;
    throw new Error(`${name}: ended without "done": ${lastLines(stderr)}`);
  });
}

function lastLines(text: string): string {
  return text.trim().split('\n').slice(-3).join(' / ') || 'it said nothing';
}

/** Numbers of an event, by their names. @throws Error if the event does not have one of them. */
export function numbersOf<Name extends string>(
  event: PeerEvent,
  figures: readonly Name[],
): Record<Name, number> {
  const numberOf = (figure: string): number => {
    const value = event[figure];
    if (typeof value === 'number') return value;
    throw new Error(`peer: "${event.event}" expected a number "${figure}", got ${JSON.stringify(value)}`);
  };
  return Object.fromEntries(figures.map((figure) => [figure, numberOf(figure)])) as Record<Name, number>;
}

export function lastEvent(events: readonly PeerEvent[], kind: string): PeerEvent {
  const found = events.findLast(({ event }) => event === kind);
  if (found) return found;
  throw new Error(`peer: expected an event "${kind}", got ${events.map(({ event }) => event).join(', ')}`);
}
