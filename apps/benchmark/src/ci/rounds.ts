import { Failure } from '../command-line.ts';
import { Side } from './side.ts';

/** Folders of the benchmark app in the two trees that are compared. */
export interface Trees {
  readonly now: string;
  readonly before: string;
}

/** The length of one round. */
export interface RoundOptions {
  /** Processor time of one slice. */
  readonly sliceMs: number;
  /** Slices of each side per row. */
  readonly pairs: number;
  readonly signal: AbortSignal;
}

/** Microseconds per repetition of both sides, in consecutive slices. */
export interface Pair {
  readonly now: number;
  readonly before: number;
}

/** The result of a round for a row. */
export type RoundOfRow = { readonly pairs: readonly Pair[] } | { readonly problem: string };

type Sides = Readonly<Record<keyof Trees, Side>>;

const WARM_SLICES = 3;

/**
 * Measures rows in two fresh processes, one per tree, which take turns slice by slice.
 * @throws Failure if the current code cannot run a row, or a process ends.
 */
export async function measureRound(
  rows: readonly string[],
  trees: Trees,
  { sliceMs, pairs, signal }: RoundOptions,
): Promise<ReadonlyMap<string, RoundOfRow>> {
  const sides = { now: new Side(trees.now, signal), before: new Side(trees.before, signal) };
  try {
    const times = new Map<string, number>();
    const found = new Map<string, { pairs: Pair[] } | { problem: string }>();
    for (const row of rows) {
      const problem = await prepare(row, sides);
      found.set(row, problem === undefined ? { pairs: [] } : { problem });
      if (problem === undefined) times.set(row, await warmUp(row, sides, sliceMs));
    }
    for (let pair = 0; pair < pairs; pair++) {
      for (const [row, repetitions] of times) {
        const measured = await takeTurns(row, repetitions, sides, pair % 2 === 0);
        (found.get(row) as { pairs: Pair[] }).pairs.push(measured);
      }
    }
    return found;
  } finally {
    await Promise.all([sides.now.end(), sides.before.end()]);
  }
}

/** Prepares a row and runs it once, which shows whether the code can run it. */
async function prepare(row: string, sides: Sides): Promise<string | undefined> {
  const [now, before] = await Promise.all([sides.now.run(row, 1), sides.before.run(row, 1)]);
  if ('problem' in now) throw new Failure(`ci: ${row}: ${now.problem}`);
  return 'problem' in before ? before.problem : undefined;
}

/** Doubles the repetitions on both sides until a slice is long enough. */
async function warmUp(row: string, sides: Sides, sliceMs: number): Promise<number> {
  let [times, warm] = [1, 0];
  for (;;) {
    const { now, before } = await takeTurns(row, times, sides, true);
    if (Math.min(now, before) * times < sliceMs * 1000) times *= 2;
    else if (++warm === WARM_SLICES) return times;
  }
}

async function takeTurns(row: string, times: number, sides: Sides, nowFirst: boolean): Promise<Pair> {
  const slice = async (side: Side): Promise<number> => {
    const answer = await side.run(row, times);
    if ('problem' in answer) throw new Failure(`ci: ${row}: ${answer.problem}`);
    return answer.microseconds / times;
  };
  if (nowFirst) {
    const now = await slice(sides.now);
    return { now, before: await slice(sides.before) };
  }
  const before = await slice(sides.before);
  return { now: await slice(sides.now), before };
}
