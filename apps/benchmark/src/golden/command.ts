import yargs from 'yargs';
import { parsePattern, runCommand, type Surroundings, UsageError } from '../command-line.ts';
import { goldenEngines } from './engines.ts';
import { listGoldens, runGoldenFile } from './run-folder.ts';

const WIDTH = 40;

/**
 * `golden DIR [--engine NAME …] [--only PATTERN]`.
 * @returns exit status: 0 if all pass; 1 if any fails or an engine cannot run here; 2 if the command line is wrong.
 */
export function runGoldenCommand(words: readonly string[], surroundings: Surroundings): Promise<number> {
  const { print, resolvePath } = surroundings;
  return runCommand('golden', goldenParser(), words, surroundings, ({ dir, engine: engines, only }) => {
    const folder = resolvePath(String(dir));
    const names = namesIn(folder, parsePattern('golden', only));
    let [passes, failures] = [0, 0];
    for (const engineName of new Set(engines)) {
      const entry = goldenEngines[engineName];
      if (!entry) continue;
      const engine = entry.create();
      for (const name of names) {
        const { passed, text } = runGoldenFile(folder, name, engine, entry.tolerance);
        passed ? passes++ : failures++;
        print(`${name.padEnd(WIDTH)} ${engineName.padEnd(13)} ${text}  ${passed ? 'pass' : 'FAIL'}`);
      }
    }
    print(`${passes} passed, ${failures} failed`);
    return failures === 0 ? 0 : 1;
  });
}

function goldenParser() {
  const names = Object.keys(goldenEngines);
  return yargs()
    .scriptName('pnpm golden')
    .usage('$0 <dir>', 'Repeats recorded training runs and compares the results.', (y) =>
      y.positional('dir', { type: 'string', demandOption: true, describe: 'Folder of golden files' }),
    )
    .option('engine', {
      type: 'string',
      array: true,
      choices: names,
      default: names.filter((name) => !goldenEngines[name]?.optional),
      describe: 'Engines to run on',
    })
    .option('only', {
      type: 'string',
      default: '',
      describe: 'Regular expression that a name must match, such as "^(xe|bprmax)-"',
    });
}

/** @throws UsageError if the folder cannot be read, or no golden file in it matches. */
function namesIn(folder: string, only: RegExp): readonly string[] {
  let names: readonly string[];
  try {
    names = listGoldens(folder, only);
  } catch (error) {
    throw new UsageError(`golden: cannot read the folder. ${error instanceof Error ? error.message : error}`);
  }
  if (names.length > 0) return names;
  throw new UsageError(`golden: no golden file (*.json) in ${folder} matches /${only.source}/`);
}
