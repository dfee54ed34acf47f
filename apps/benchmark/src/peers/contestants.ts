import type { Contestant, Entrant, Turn } from '../contest.ts';
import type { PeerEvent } from './events.ts';
import { type PeerName, peerProblem, versionOf } from './peers.ts';
import { peerProgram, runPeer } from './run-peer.ts';

/** The contestants of a peer, or why it does not take part. */
export function peerContestants(
  directory: string,
  peer: PeerName,
  make: (name: string) => readonly Contestant[],
): readonly Entrant[] {
  const problem = peerProblem(directory, peer);
  const name = versionOf(peer);
  return problem === undefined ? make(name) : [{ name, problem }];
}

/** Numbers of threads with which a peer is measured. The best one counts. */
const peerThreads: readonly number[] = [1, 2];

/**
 * A GRU4Rec of others as contestants: one per number of threads.
 *
 * @param task - for the runner of the peer, without threads.
 * @param turnOf - the figures of the runner's answer.
 */
export function peerOnThreads(
  directory: string,
  peer: PeerName,
  task: Readonly<Record<string, unknown>>,
  turnOf: (lines: readonly PeerEvent[]) => Turn,
  threadCounts: readonly number[] = peerThreads,
): readonly Entrant[] {
  const program = peerProgram(directory, peer, `${peer}_gru4rec`);
  return peerContestants(directory, peer, (name) =>
    threadCounts.map((threads) => ({
      name: withThreads(name, threads),
      take: async () => turnOf(await runPeer(program, { ...task, threads })),
    })),
  );
}

/** "cornac 3.0.1, 2 threads". */
export function withThreads(name: string, threads: number): string {
  return `${name}, ${threads} thread${threads === 1 ? '' : 's'}`;
}
