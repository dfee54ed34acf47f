import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import yargs from 'yargs';
import { parseWords, UsageError } from '../parse-words.ts';
import { resultsMarkdown } from './markdown.ts';
import { readRecorded } from './record.ts';
import { readRecordedStudy } from './study-record.ts';
import { plotSweep } from './sweep-plot.ts';

/** The parts of the process that the command uses. */
export interface ResultsSurroundings {
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  /** The folder of the recorded files, to which plots are written. */
  readonly folder: string;
  readonly markdownFile: string;
}

/**
 * `results [--check]`: writes RESULTS.md and the plots from the recorded files.
 * @returns exit status: 0; 1 if `--check` found another text; 2 if the command line is wrong.
 */
export function runResultsCommand(words: readonly string[], surroundings: ResultsSurroundings): number {
  const { print, complain, folder, markdownFile } = surroundings;
  try {
    const found = parseWords(
      yargs()
        .scriptName('results')
        .usage('$0', 'Writes RESULTS.md and the plots from the recorded figures.')
        .option('check', {
          type: 'boolean',
          default: false,
          describe: 'Only check whether it is up to date',
        }),
      words,
    );
    if (typeof found === 'string') {
      print(found);
      return 0;
    }
    const files = readRecorded(folder);
    const text = resultsMarkdown(files, readRecordedStudy(folder));
    if (found.check) {
      const same = existsSync(markdownFile) && readFileSync(markdownFile, 'utf8') === text;
      if (!same)
        complain(
          'results: RESULTS.md is not what the recorded figures give; run: pnpm --filter benchmark results',
        );
      return same ? 0 : 1;
    }
    writeFileSync(markdownFile, text);
    for (const { name, runs } of files) {
      const points = runs.flatMap(({ sweep = [] }) => sweep);
      if (points.length > 0) writeFileSync(join(folder, `${name}.svg`), plotSweep(points));
    }
    print(`RESULTS.md from ${files.length} recorded ${files.length === 1 ? 'file' : 'files'}`);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(error.message);
    return 2;
  }
}
