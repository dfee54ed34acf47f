import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Failure } from '../command-line.ts';
import { summarize } from '../measure.ts';

export type SideRequest = { readonly row: string; readonly times: number };

/** The processor time of all threads of the process, or why the row cannot run. */
export type SideAnswer = { readonly microseconds: number } | { readonly problem: string };

/** The tsx of this tree loads other trees too. */
const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const execArgv = ['--import', tsx, '--conditions=@gru4rec/source'];

class Side {
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal;

  constructor(cwd: string, signal: AbortSignal) {
    this.#signal = signal;
    const options = { cwd, execArgv, signal, killSignal: 'SIGKILL' } as const;
    this.#child = fork(join(cwd, 'src', 'ci', 'side-main.ts'), [], options);
    this.#child.on('error', () => {});
  }

  /** @throws Failure if the process ends by itself. */
  run(row: string, times: number): Promise<SideAnswer> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null, by: string | null): void => {
        const failure = new Failure(`ci: the process of ${row} ended with ${by ?? code}`);
        reject(this.#signal.aborted ? this.#signal.reason : failure);
      };
      this.#child.once('close', ended).once('message', (answer: SideAnswer) => {
        this.#child.off('close', ended);
        resolve(answer);
      });
      this.#child.send({ row, times } satisfies SideRequest);
    });
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }
}

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
  /** Doubles the repetitions until a slice is long enough. */
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

/** The ratio above which a round is slow, the slow rounds that make a row slower, and the others that make it not slower. */
const [SLOW_ROUND, SLOW_ROUNDS, OTHER_ROUNDS] = [1.05, 6, 3];

export interface RowFindings {
  readonly row: string;
  /** The time of the current code divided by that of the earlier code, per round. */
  readonly ratios: readonly number[];
  readonly verdict: 'slower' | 'not slower' | 'undecided';
  /** Why the earlier code cannot run the row. */
  readonly problem?: string;
}

export type MeasureRound = (rows: readonly string[]) => Promise<ReadonlyMap<string, RoundOfRow>>;

/** The median over the pairs of a round. */
export function ratioOf(pairs: readonly Pair[]): number {
  return summarize(pairs.map(({ now, before }) => now / before)).median;
}

export function judge(ratios: readonly number[]): RowFindings['verdict'] {
  const slow = ratios.filter((ratio) => ratio > SLOW_ROUND).length;
  if (ratios.length - slow >= OTHER_ROUNDS) return 'not slower';
  return slow >= SLOW_ROUNDS ? 'slower' : 'undecided';
}

/** Each round measures only the rows without a verdict. */
export async function compareRows(
  rows: readonly string[],
  measure: MeasureRound,
): Promise<readonly RowFindings[]> {
  const found = new Map(rows.map((row): [string, RowFindings] => [row, findingsOf(row, [])]));
  for (;;) {
    const open = [...found.values()].filter(({ verdict, problem }) => verdict === 'undecided' && !problem);
    if (open.length === 0) return [...found.values()];
    const round = await measure(open.map(({ row }) => row));
    for (const { row, ratios } of open) {
      const measured = round.get(row) ?? { problem: 'it was not measured' };
      if ('problem' in measured) found.set(row, { row, ratios, verdict: 'undecided', ...measured });
      else found.set(row, findingsOf(row, [...ratios, ratioOf(measured.pairs)]));
    }
  }
}

function findingsOf(row: string, ratios: readonly number[]): RowFindings {
  return { row, ratios, verdict: judge(ratios) };
}
