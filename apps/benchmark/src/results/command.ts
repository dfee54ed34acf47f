import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import yargs from 'yargs';
import { runCommand, type Surroundings } from '../command-line.ts';
import { resultsMarkdown } from './markdown.ts';
import { readRecordedPresets } from './preset-record.ts';
import { readPages, readRecorded, resultsFolder } from './record.ts';
import { readRecordedReferee } from './referee-record.ts';
import { readRecordedStudy } from './study-record.ts';
import { plotSweep } from './sweep-plot.ts';

/** The parts of the process that the command uses. */
export interface ResultsSurroundings extends Pick<Surroundings, 'print' | 'complain'> {
  /** The folder of the recorded files, to which plots are written. Default: `results` of the app. */
  readonly folder?: string;
  /** Default: RESULTS.md of the app. */
  readonly markdownFile?: string;
}

/**
 * `results [--check]`: writes RESULTS.md and the plots from the recorded files.
 * @returns exit status: 0; 1 if `--check` found another text; 2 if the command line is wrong.
 */
export function runResultsCommand(
  words: readonly string[],
  surroundings: ResultsSurroundings,
): Promise<number> {
  const {
    print,
    complain,
    folder = resultsFolder,
    markdownFile = fileURLToPath(new URL('../../RESULTS.md', import.meta.url)),
  } = surroundings;
  return runCommand('results', resultsParser(), words, surroundings, ({ check }) => {
    const files = readRecorded(folder);
    const text = resultsMarkdown(
      files,
      readRecordedStudy(folder),
      readRecordedPresets(folder),
      readRecordedReferee(folder),
      readPages(folder),
    );
    if (check) {
      if (existsSync(markdownFile) && readFileSync(markdownFile, 'utf8') === text) return 0;
      complain(
        'results: RESULTS.md is not what the recorded figures give; run: pnpm --filter benchmark results',
      );
      return 1;
    }
    writeFileSync(markdownFile, text);
    for (const { name, runs } of files) {
      const points = runs.flatMap(({ sweep = [] }) => sweep);
      if (points.length > 0) writeFileSync(join(folder, `${name}.svg`), plotSweep(points));
    }
    print(`RESULTS.md from ${files.length} recorded ${files.length === 1 ? 'file' : 'files'}`);
    return 0;
  });
}

function resultsParser() {
  return yargs()
    .scriptName('results')
    .usage('$0', 'Writes RESULTS.md and the plots from the recorded figures.')
    .option('check', { type: 'boolean', default: false, describe: 'Only check whether it is up to date' });
}
