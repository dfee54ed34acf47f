import { calibrated } from '../calibration.ts';
import {
  type ComparisonRow,
  type Contest,
  type Contestant,
  contested,
  type MissingPeer,
  takeTurns,
} from '../comparison.ts';
import { describeChoice, type EngineChoice } from '../engine-choice.ts';
import { peakMiB } from '../environment.ts';
import { type PeerName, peerProblem, versionOf } from '../peers/peers.ts';

/** Options of suites that compare with peers. */
export interface ContestOptions {
  readonly rounds: number;
  readonly engine: EngineChoice;
  /** Only rows with a matching name are measured. */
  readonly only: RegExp;
  /** Folder of the peers' virtual environments. */
  readonly peerDirectory: string;
  /** Number of events in the logs, instead of the default of each row. */
  readonly events?: number;
  /** Called with a line after every turn. */
  readonly onTurn?: (line: string) => void;
}

/** The other participants of a contest. */
export interface Peers {
  readonly contestants: readonly Contestant[];
  readonly missing: readonly MissingPeer[];
}

/** The contestants of a peer, or why it does not take part. */
export function peerContestants(
  directory: string,
  peer: PeerName,
  make: (name: string) => readonly Contestant[],
): Peers {
  const problem = peerProblem(directory, peer);
  const name = versionOf(peer);
  return problem === undefined
    ? { contestants: make(name), missing: [] }
    : { contestants: [], missing: [{ name, problem }] };
}

/** Measures one row: ours and the peers take turns, and the speed of the machine is measured before and after. */
export async function measureContest(
  contest: Contest,
  ours: Contestant,
  peers: readonly Peers[],
  options: ContestOptions,
): Promise<ComparisonRow> {
  return calibrated(async () => {
    const contestants = [ours, ...peers.flatMap((peer) => peer.contestants)];
    const { all, failed } = await takeTurns(contestants, options.rounds, (name, { value }) => {
      options.onTurn?.(`${contest.suite} ${contest.name}: ${name}: ${value.toPrecision(4)} ${contest.unit}`);
    });
    return {
      ...contested(contest, all),
      engine: describeChoice(options.engine),
      missing: [...peers.flatMap((peer) => peer.missing), ...failed],
      peakMiB: peakMiB(),
    };
  });
}

/** Numbers of threads with which a peer is measured. The best one counts. */
export const peerThreads: readonly number[] = [1, 2];

/** "cornac 3.0.1, 2 threads". */
export function withThreads(name: string, threads: number): string {
  return `${name}, ${threads} thread${threads === 1 ? '' : 's'}`;
}
