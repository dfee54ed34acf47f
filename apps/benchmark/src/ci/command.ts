import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import yargs from 'yargs';
import { readEnvironment } from '../environment.ts';
import { formatTable, percent } from '../figures.ts';
import { parseWords, UsageError } from '../parse-words.ts';
import {
  betterOf,
  type CiBaseline,
  type CiFigure,
  compareWithBaseline,
  parseBaseline,
  type Verdict,
} from './baseline.ts';
import { measureCiRows } from './measure-rows.ts';
import type { CiRow } from './rows.ts';

/** What the command needs of its process. */
export interface CiSurroundings {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  readonly loadProblem: () => string | undefined;
  readonly rows: readonly CiRow[];
  readonly baselineFile: string;
}

/** Of one pass; the baseline is made of more of them. */
const BASELINE_PASSES = 3;

/**
 * `ci [--update]`: measures a handful of rows against the calibration kernel and compares with the baseline.
 * @returns exit status: 0, 1 for a regression or no moment to measure, 2 if the command makes no sense.
 */
export async function runCiCommand(words: readonly string[], surroundings: CiSurroundings): Promise<number> {
  const { print, complain, rows, baselineFile } = surroundings;
  try {
    const settings = parseWords(ciParser(), words);
    if (typeof settings === 'string') {
      print(settings);
      return 0;
    }
    const problem = settings.force ? undefined : surroundings.loadProblem();
    if (problem !== undefined) {
      complain(`ci: ${problem}`);
      return 1;
    }
    const { seconds, rounds, update } = settings;
    if (!update && !existsSync(baselineFile)) {
      throw new UsageError('ci: there is no baseline yet; make one with --update');
    }
    const figures = await measureCiRows(rows, { seconds, rounds, passes: update ? BASELINE_PASSES : 1 });
    if (update) {
      writeFileSync(baselineFile, `${JSON.stringify(baselineOf(figures), undefined, 2)}\n`);
      print(formatFigures(figures));
      return 0;
    }
    const baseline = parseBaseline(readFileSync(baselineFile, 'utf8')).rows;
    const measured = await againIfSlow(figures, baseline, rows, { seconds, rounds });
    return report(compareWithBaseline(measured, baseline), surroundings);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(error.message);
    return 2;
  }
}

function ciParser() {
  return yargs()
    .scriptName('ci')
    .usage('$0', 'Compares the speed of a handful of rows with the committed baseline.')
    .option('update', { type: 'boolean', default: false, describe: 'measure the baseline anew' })
    .option('seconds', { type: 'number', default: 0.5, describe: 'time of one round' })
    .option('rounds', { type: 'number', default: 10, describe: 'rounds of a row' })
    .option('force', { type: 'boolean', default: false, describe: 'measure whatever the load' });
}

function baselineOf(rows: readonly CiFigure[]): CiBaseline {
  const { commit, date } = readEnvironment();
  return { format: 1, command: 'pnpm --filter benchmark run ci --update', commit, date, rows };
}

/** Rows that look like a regression are measured once more: somebody else's work on the machine passes. */
async function againIfSlow(
  figures: readonly CiFigure[],
  baseline: readonly CiFigure[],
  rows: readonly CiRow[],
  options: { readonly seconds: number; readonly rounds: number },
): Promise<CiFigure[]> {
  const slow = new Set(
    compareWithBaseline(figures, baseline)
      .filter(({ regression }) => regression !== undefined)
      .map(({ name }) => name),
  );
  const again = await measureCiRows(
    rows.filter(({ name }) => slow.has(name)),
    { ...options, passes: 1 },
  );
  return figures.map((row) => {
    const second = again.find(({ name }) => name === row.name);
    return second ? betterOf(row, second) : row;
  });
}

function report(verdicts: readonly Verdict[], { print, complain }: CiSurroundings): number {
  const lines = verdicts.map(({ name, ratio, allowed, note = '' }) => [
    name,
    ratio === undefined ? '–' : percent(ratio),
    allowed === undefined ? '–' : percent(1 - allowed),
    note,
  ]);
  print(formatTable([['row', 'of the baseline', 'at least', ''], ...lines]));
  const regressions = verdicts.flatMap(({ regression }) => (regression ? [regression] : []));
  for (const line of regressions) complain(`regression: ${line}`);
  return regressions.length > 0 ? 1 : 0;
}

function formatFigures(figures: readonly CiFigure[]): string {
  const lines = figures.map(({ name, relative }) => [
    name,
    relative.median.toPrecision(4),
    percent(relative.spread),
  ]);
  return formatTable([['row', 'per M iterations', 'spread'], ...lines]);
}
