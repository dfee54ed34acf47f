import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import yargs from 'yargs';
import { runCommand, type Surroundings } from '../command-line.ts';
import { formatTable, percent, summarize } from '../measure.ts';
import { parts } from './parts.ts';
import { compareRows, type MeasureRound, measureRound, type RowFindings } from './rounds.ts';
import { buildTree, chooseReference, type Reference, withTreeOf } from './tree-before.ts';

export interface CiParts {
  readonly rows: readonly string[];
  readonly chooseReference: (against?: string) => Reference;
  readonly withReference: <T>(commit: string, use: (measure: MeasureRound) => Promise<T>) => Promise<T>;
}

function partsHere(signal: AbortSignal = new AbortController().signal): CiParts {
  const root = fileURLToPath(new URL('../../../../', import.meta.url));
  const app = join('apps', 'benchmark');
  return {
    rows: parts.map(({ name }) => name),
    chooseReference: (against) => chooseReference(root, against),
    withReference: (commit, use) =>
      withTreeOf({ root, commit, signal }, async (tree) => {
        await buildTree(tree, { root, signal });
        const trees = { now: join(root, app), before: join(tree, app) };
        return use((rows) => measureRound(rows, trees, { sliceMs: 20, pairs: 8, signal }));
      }),
  };
}

/** `ci [--against REF]`. Returns 0; 1 if a row is slower or the code cannot be compared; 2 if the command line is wrong. */
export function runCiCommand(
  words: readonly string[],
  surroundings: Pick<Surroundings, 'print' | 'complain' | 'signal'>,
  parts: CiParts = partsHere(surroundings.signal),
): Promise<number> {
  const { print, complain } = surroundings;
  const parser = yargs().usage('$0', 'Compares the speed of a few rows with that of an earlier commit.');
  const describe = 'Commit to compare with; default: where HEAD left main, or else the previous commit';
  const against = { type: 'string', requiresArg: true, describe } as const;
  return runCommand('ci', parser.option('against', against), words, surroundings, async (found) => {
    const { commit, reason } = parts.chooseReference(found.against);
    print(`Comparing with commit ${commit.slice(0, 12)}: ${reason}.`);
    const findings = await parts.withReference(commit, (measure) => compareRows(parts.rows, measure));
    print('Time of each row relative to that commit:');
    print(formatTable([['row', 'rounds', 'median', 'least', 'most', ''], ...findings.map(lineOf)]));
    const slower = findings.filter(({ verdict }) => verdict === 'slower');
    for (const { row, ratios } of slower) {
      const more = percent(summarize(ratios).median - 1);
      complain(`slower: ${row} takes ${more} longer than with the earlier commit`);
    }
    const isCompared = findings.some(({ ratios }) => ratios.length > 0);
    const how = 'Name a later one with --against';
    if (!isCompared) complain(`ci: the earlier commit can run none of the rows. ${how}`);
    return slower.length === 0 && isCompared ? 0 : 1;
  });
}

function lineOf({ row, ratios, verdict, problem }: RowFindings): string[] {
  if (problem !== undefined) return [row, '–', '–', '–', '–', `new: ${problem}`];
  const { median, min, max } = summarize(ratios);
  return [row, `${ratios.length}`, ...[median, min, max].map(percent), verdict];
}
