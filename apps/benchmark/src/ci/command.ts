import yargs from 'yargs';
import { formatTable, percent } from '../figures.ts';
import { summarize } from '../measure.ts';
import { parseWords, UsageError } from '../parse-words.ts';
import { CiError } from './ci-error.ts';
import { compareRows, type MeasureRound, type RowFindings } from './compare-rows.ts';
import type { Reference } from './reference.ts';

/** The parts of the process that the command uses. */
export interface CiSurroundings {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  readonly rows: readonly string[];
  /** @throws UsageError if there is no such commit. */
  readonly chooseReference: (against?: string) => Reference;
  /** Builds the code of a commit, calls `use` with a function that measures a round against it, and removes it. */
  readonly withReference: <T>(commit: string, use: (measure: MeasureRound) => Promise<T>) => Promise<T>;
}

/**
 * `ci [--against REF]`: compares the speed of a few rows with that of an earlier commit.
 * @returns exit status: 0; 1 if a row is slower or the code cannot be compared; 2 if the command line is wrong.
 */
export async function runCiCommand(words: readonly string[], surroundings: CiSurroundings): Promise<number> {
  const { print, complain, rows, chooseReference, withReference } = surroundings;
  try {
    const settings = parseWords(ciParser(), words);
    if (typeof settings === 'string') {
      print(settings);
      return 0;
    }
    const { commit, reason } = chooseReference(settings.against);
    print(`Comparing with commit ${commit.slice(0, 12)}: ${reason}.`);
    return report(await withReference(commit, (measure) => compareRows(rows, measure)), surroundings);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof CiError)) throw error;
    complain(error.message);
    return error instanceof UsageError ? 2 : 1;
  }
}

function ciParser() {
  return yargs()
    .scriptName('ci')
    .usage('$0', 'Compares the speed of a few rows with that of an earlier commit.')
    .option('against', {
      type: 'string',
      requiresArg: true,
      describe: 'Commit to compare with; default: where HEAD left main, or else the previous commit',
    });
}

function report(findings: readonly RowFindings[], { print, complain }: CiSurroundings): number {
  print('Time of each row relative to that commit:');
  print(formatTable([['row', 'rounds', 'median', 'least', 'most', ''], ...findings.map(lineOf)]));
  const slower = findings.filter(({ verdict }) => verdict === 'slower');
  for (const { row, ratios } of slower) {
    complain(
      `slower: ${row} takes ${percent(summarize(ratios).median - 1)} longer than with the earlier commit`,
    );
  }
  const compared = findings.some(({ ratios }) => ratios.length > 0);
  if (!compared) complain('ci: the earlier commit can run none of the rows. Name a later one with --against');
  return slower.length === 0 && compared ? 0 : 1;
}

function lineOf({ row, ratios, verdict, problem }: RowFindings): string[] {
  if (problem !== undefined) return [row, '–', '–', '–', '–', `new: ${problem}`];
  const { median, min, max } = summarize(ratios);
  return [row, `${ratios.length}`, ...[median, min, max].map(percent), verdict];
}
