import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Entrant, Turn } from '../contest.ts';
import type { Program } from '../own-process.ts';
import { type PeerEvent, runPeer } from './run-peer.ts';

/** Names of the programs that are compared with ours. */
export const peerNames = ['cornac', 'pandas', 'polars', 'rectools'] as const;
/** A name of {@link peerNames}. */
export type PeerName = (typeof peerNames)[number];

/** Folder of the runners and the pinned versions. */
export const runnersFolder: string = fileURLToPath(new URL('../../peers/', import.meta.url));

/** The folder of a peer's virtual environment: below GRU4REC_PEERS, or else in a folder that git ignores. */
export function peerFolder(peer: PeerName): string {
  const { GRU4REC_PEERS: given, INIT_CWD = '' } = process.env;
  if (given) return resolve(INIT_CWD, given, peer);
  return fileURLToPath(new URL(`../../../../.gru4rec/peers/${peer}`, import.meta.url));
}

/** The pinned versions of a peer, one per line. */
export function requirementsOf(peer: PeerName): string {
  return readFileSync(join(runnersFolder, `${peer}.txt`), 'utf8');
}

/** The version of a peer and of its numerical library: "cornac 3.0.1, torch …". */
export function versionOf(peer: PeerName): string {
  const lines = requirementsOf(peer);
  const pinned = (name: string) => new RegExp(`^${name}==(\\S+)`, 'm').exec(lines)?.[1];
  return [`${peer} ${pinned(peer)}`, ...(pinned('torch') ? [`torch ${pinned('torch')}`] : [])].join(', ');
}

/** The Python of a peer's virtual environment. */
export function pythonOf(peer: PeerName): string {
  const [folder, file] = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  return join(peerFolder(peer), folder, file);
}

/** Why a peer cannot run; undefined if it can. */
export function peerProblem(peer: PeerName): string | undefined {
  const installed = join(peerFolder(peer), 'installed.txt');
  const how = `run: pnpm --filter benchmark peers --only ${peer}`;
  if (!existsSync(installed)) return `not installed; ${how}`;
  const isSame = readFileSync(installed, 'utf8') === requirementsOf(peer);
  return isSame ? undefined : `installed in other versions; ${how}`;
}

/** The runner of a peer, by the name of its file in `peers/` without extension. */
export function peerProgram(peer: PeerName, runner: string): Program {
  return { file: pythonOf(peer), words: [join(runnersFolder, `${runner}.py`)] };
}

/**
 * A peer as contestants, one per number of threads, or why it does not take part.
 *
 * @param task - for its runner, without threads.
 * @param turnOf - the figures of the runner's answer.
 */
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
