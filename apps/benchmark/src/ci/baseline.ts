import { type Summary, summarize } from '../measure.ts';

/** What one measurement of the CI gave: rates in units of the calibration kernel, measured around each. */
export interface CiFigure {
  readonly name: string;
  /** Work a million iterations of the calibration kernel, over the rounds: machine speed cancels out. */
  readonly relative: Summary;
}

/** The committed figures that later ones are compared with. */
export interface CiBaseline {
  readonly format: 1;
  readonly command: string;
  readonly commit: string;
  readonly date: string;
  readonly rows: readonly CiFigure[];
}

/** Slower by this share is no regression, however quiet the baseline's machine was. */
const LEAST_NOISE = 0.1;

/** Work a round in units of the machine's own speed, taken before and after. */
export function relativeTo(rate: number, before: number, after: number): number {
  return rate / ((before + after) / 2);
}

/** Share by which a row's median may fall behind its baseline: as far as the baseline's own slowest round did. */
export function allowedLoss({ relative: { median, min } }: CiFigure): number {
  return Math.max(LEAST_NOISE, 1 - min / median);
}

/** A row's place relative to the baseline. */
export interface Verdict {
  readonly name: string;
  /** Median over the baseline's median; absent for a row that is not in both. */
  readonly ratio?: number;
  readonly allowed?: number;
  /** Why this is a failure. */
  readonly regression?: string;
  readonly note?: string;
}

/** Compares every row with the baseline; a row of the baseline that was not measured is a failure, too. */
export function compareWithBaseline(rows: readonly CiFigure[], baseline: readonly CiFigure[]): Verdict[] {
  const known = new Map(baseline.map((row) => [row.name, row]));
  const verdicts = rows.map((row) => {
    const before = known.get(row.name);
    return before ? judge(row, before) : { name: row.name, note: 'not in the baseline; run with --update' };
  });
  const measured = new Set(rows.map(({ name }) => name));
  const absent = baseline.filter(({ name }) => !measured.has(name));
  return [
    ...verdicts,
    ...absent.map(({ name }) => ({ name, regression: `${name}: is in the baseline and was not measured` })),
  ];
}

function judge(row: CiFigure, before: CiFigure): Verdict {
  const ratio = row.relative.median / before.relative.median;
  const allowed = allowedLoss(before);
  if (ratio >= 1 - allowed) return { name: row.name, ratio, allowed };
  const slower = `${((1 - ratio) * 100).toFixed(1)} % slower than the baseline`;
  const regression = `${row.name}: ${slower}, more than its noise of ${(allowed * 100).toFixed(1)} %`;
  return { name: row.name, ratio, allowed, regression };
}

/** The better of two measurements of a row: a disturbed machine only ever makes one slower. */
export function betterOf(a: CiFigure, b: CiFigure): CiFigure {
  return a.relative.median >= b.relative.median ? a : b;
}

/** Several passes over the same row as one figure; its spread is that of all rounds. */
export function joinPasses(name: string, passes: readonly (readonly number[])[]): CiFigure {
  return { name, relative: summarize(passes.flat()) };
}

/** @throws Error if the text is no baseline. */
export function parseBaseline(text: string): CiBaseline {
  const value = JSON.parse(text);
  if (value?.format === 1 && Array.isArray(value.rows)) return value;
  throw new Error(`ci: the baseline expected { format: 1, rows: […] }, got format ${value?.format}`);
}
