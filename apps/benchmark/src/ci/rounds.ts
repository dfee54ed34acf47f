import { Failure } from '../command-line.ts';
import { Side } from './side.ts';

export interface Pair {
  readonly now: number;
  readonly before: number;
}

export type RoundOfRow = { readonly pairs: readonly Pair[] } | { readonly problem: string };

const WARM_SLICES = 3;

/** Two processes take turns in slices (`sliceMs` of processor time). @throws Failure if the current code cannot run a row. */
export async function measureRound(
  rows: readonly string[],
  trees: Readonly<Record<keyof Pair, string>>,
  { sliceMs, pairs, signal }: { sliceMs: number; pairs: number; signal: AbortSignal },
): Promise<ReadonlyMap<string, RoundOfRow>> {
  const sides = { now: new Side(trees.now, signal), before: new Side(trees.before, signal) };
  const slice = async (side: keyof Pair, row: string, times: number): Promise<number> => {
    const answer = await sides[side].run(row, times);
    if ('problem' in answer) throw new Failure(`ci: ${row}: ${answer.problem}`);
    return answer.microseconds / times;
  };
  const takeTurns = async (row: string, times: number, isNowFirst: boolean): Promise<Pair> => {
    const early = isNowFirst ? await slice('now', row, times) : undefined;
    const before = await slice('before', row, times);
    return { now: early ?? (await slice('now', row, times)), before };
  };
  /** Runs a row once, which shows whether the code can run it, and doubles the repetitions until a slice is long enough. */
  const repetitionsOf = async (row: string): Promise<number | { problem: string }> => {
    const [, before] = await Promise.all([slice('now', row, 1), sides.before.run(row, 1)]);
    if ('problem' in before) return before;
    for (let [times, warm] = [1, 0]; ; ) {
      const { now, before } = await takeTurns(row, times, true);
      if (Math.min(now, before) * times < sliceMs * 1000) times *= 2;
      else if (++warm === WARM_SLICES) return times;
    }
  };
  try {
    const found = new Map<string, { pairs: Pair[]; times: number } | { problem: string }>();
    for (const row of rows) {
      const times = await repetitionsOf(row);
      found.set(row, typeof times === 'number' ? { times, pairs: [] } : times);
    }
    for (let pair = 0; pair < pairs; pair++)
      for (const [row, one] of found)
        if ('pairs' in one) one.pairs.push(await takeTurns(row, one.times, pair % 2 === 0));
    return found;
  } finally {
    await Promise.all([sides.now.end(), sides.before.end()]);
  }
}
