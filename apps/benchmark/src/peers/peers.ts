import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Entrant, Turn } from '../contest.ts';
import type { Program } from '../own-process.ts';
import { type PeerEvent, runPeer } from './run-peer.ts';

export const peerNames = ['cornac', 'pandas', 'polars', 'rectools'] as const;
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

export function peerProgram(peer: PeerName, runner: string): Program {
  return { file: pythonOf(peer), words: [join(runnersFolder, `${runner}.py`)] };
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
  return threads.map((count) => ({
    name: `${name}, ${count} thread${count === 1 ? '' : 's'}`,
    take: async () => turnOf(await runPeer(peerProgram(peer, runner), { ...task, threads: count })),
  }));
}
