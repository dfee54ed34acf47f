import { EngineUnavailableError } from '@gru4rec/program';
import yargs from 'yargs';
import { parseWords, UsageError } from '../parse-words.ts';
import { goldenEngines } from './engines.ts';
import { listGoldens, runGoldenFile } from './run-folder.ts';

/** The parts of the process that the command uses. */
export interface GoldenSurroundings {
  readonly resolvePath: (path: string) => string;
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
}

interface GoldenArguments {
  readonly folder: string;
  readonly engines: readonly string[];
  readonly only: RegExp;
}

const WIDTH = 40;

/**
 * `golden DIR [--engine NAME …] [--only PATTERN]`.
 * @returns exit status: 0 if all pass; 1 if any fails or an engine cannot run here; 2 if the command line is wrong.
 */
export function runGoldenCommand(words: readonly string[], surroundings: GoldenSurroundings): number {
  const { print, complain } = surroundings;
  try {
    const parsed = parse(words, surroundings);
    if (typeof parsed === 'string') {
      print(parsed);
      return 0;
    }
    return runAll(parsed, print);
  } catch (error) {
    if (error instanceof EngineUnavailableError) {
      complain(`golden: ${error.message}`);
      return 1;
    }
    if (!(error instanceof UsageError)) throw error;
    complain(error.message);
    return 2;
  }
}

/** @returns the arguments, or the help text if it was requested. */
function parse(words: readonly string[], { resolvePath }: GoldenSurroundings): GoldenArguments | string {
  const names = Object.keys(goldenEngines);
  const parser = yargs()
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
  const found = parseWords(parser, words);
  if (typeof found === 'string') return found;
  return {
    folder: resolvePath(String(found.dir)),
    engines: [...new Set(found.engine)],
    only: expression(found.only),
  };
}

function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new UsageError(`golden: "only" expected a regular expression, got ${pattern}. ${error}`);
  }
}

function runAll({ folder, engines, only }: GoldenArguments, print: (line: string) => void): number {
  const names = namesIn(folder, only);
  let failed = 0;
  for (const engineName of engines) {
    const entry = goldenEngines[engineName];
    if (!entry) continue;
    const engine = entry.create();
    for (const name of names) {
      const { passed, text } = runGoldenFile(folder, name, engine, entry.tolerance);
      if (!passed) failed++;
      print(`${name.padEnd(WIDTH)} ${engineName.padEnd(13)} ${text}  ${passed ? 'pass' : 'FAIL'}`);
    }
  }
  print(`${names.length * engines.length - failed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

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
