import { calibrate } from '../calibration.ts';
import { ratesOf, summarize, type Work } from '../measure.ts';
import { type CiFigure, joinPasses, relativeTo } from './baseline.ts';
import type { CiRow } from './rows.ts';

/** How long the CI measures. */
export interface CiOptions {
  readonly seconds: number;
  readonly rounds: number;
  /** Times over all rows; several of them take in more of the machine's swings. */
  readonly passes: number;
}

const WINDOW_MS = 25;
const WARM_UP_SECONDS = 0.5;

/** Measures rows, each round between two looks at the machine's own speed. */
export async function measureCiRows(rows: readonly CiRow[], options: CiOptions): Promise<CiFigure[]> {
  const ready = [];
  for (const row of rows)
    ready.push({ name: row.name, ...warmUp(await row.prepare()), passes: [] as number[][] });
  for (let pass = 0; pass < options.passes; pass++) {
    for (const { work, perWindow, passes } of ready) passes.push(measureRounds(work, perWindow, options));
  }
  return ready.map(({ name, passes }) => joinPasses(name, passes));
}

function warmUp(work: Work): { work: Work; perWindow: number } {
  const rate = summarize(ratesOf(work, 1, WARM_UP_SECONDS)).median;
  return { work, perWindow: Math.max(1, Math.round((rate * WINDOW_MS) / 1000)) };
}

function measureRounds(work: Work, perWindow: number, { seconds, rounds }: CiOptions): number[] {
  const figures: number[] = [];
  let before = calibrate(1).median;
  for (let round = 0; round < rounds; round++) {
    const rate = summarize(ratesOf(work, perWindow, seconds)).median;
    const after = calibrate(1).median;
    figures.push(relativeTo(rate, before, after));
    before = after;
  }
  return figures;
}
