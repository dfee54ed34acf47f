import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import { type ModelConfigInput, type PresetName, parseConfig, presets } from '@gru4rec/model';
import yargs from 'yargs';
import {
  type ArgumentsOf,
  checkPositiveIntegers,
  runCommand,
  type Surroundings,
  UsageError,
} from '../command-line.ts';
import { formatTable } from '../measure.ts';
import { type FigureName, rows as fieldRows, type Row } from './rows.ts';
import { checkPredictions, type Figure, type Result, resultIn } from './run-row.ts';

/** What tests make small. */
export interface FieldParts {
  readonly rows?: Readonly<Record<string, Row>>;
  /** Instead of the values of the presets. */
  readonly hyperParameters?: ModelConfigInput;
}

/** Returns 0; 1 if files are not the published ones; 2 for a wrong command line. */
export function runFieldCommand(
  words: readonly string[],
  surroundings: Surroundings,
  parts: FieldParts = {},
): Promise<number> {
  return runCommand('field', fieldParser(), words, surroundings, async (found) => {
    await field(found, surroundings, parts);
    return 0;
  });
}

type Options = ArgumentsOf<typeof fieldParser>;

/** Our line of a table. */
interface Own {
  readonly name: string;
  readonly results: readonly Result[];
}

async function field(
  found: Options,
  { resolvePath, print, complain }: Surroundings,
  { rows = fieldRows, hyperParameters }: FieldParts,
): Promise<void> {
  const { only, seeds, threads, count } = found;
  checkPositiveIntegers('field', { threads });
  const unknown = only.find((name) => !Object.hasOwn(rows, name));
  if (unknown !== undefined)
    throw new UsageError(`field: --only expected ${Object.keys(rows).join(', ')}, got ${unknown}`);
  if (!seeds.every((seed) => Number.isInteger(Number(seed)) && Number(seed) >= 0)) {
    throw new UsageError(`field: --seeds expected integers ≥ 0, got ${seeds.join(' ')}`);
  }
  const [dataFolder, output] = [found['data-folder'], found.output].map(resolvePath) as [string, string];
  const engine = createWasmEngine({ ...(threads && { threads }), native: findNativeKernels().kernels });
  for (const [name, row] of Object.entries(rows)) {
    if (only.length > 0 && !only.includes(name)) continue;
    const own: Own[] = [];
    for (const [variant, protocol] of Object.entries(row.variants)) {
      const stages = protocol(row.files.map((file) => join(dataFolder, file)));
      checkPredictions(name, row, stages);
      complain(`${titleOf(name, variant)}: ${row.predictions} predictions`);
      for (const preset of count ? [] : (found.presets as PresetName[])) {
        const results: Result[] = [];
        for (const seed of seeds) {
          const config = parseConfig({ preset, ...hyperParameters, seed: Number(seed) });
          const file = join(output, `${[name, variant, preset, seed].filter(Boolean).join('-')}.json`);
          results.push(await resultIn(file, { row, stages, config }, engine));
          complain(`${titleOf(name, variant)}: ${preset}, seed ${seed}: ${file}`);
        }
        own.push({ name: titleOf(preset, variant), results });
      }
    }
    if (!count) print(`${name}: ${row.predictions} predictions\n\n${tableOf(row, own)}\n`);
  }
}

const titleOf = (name: string, variant: string): string => (variant ? `${name} (${variant})` : name);

/** Ours, then the published figures, which are `<`, `=` or `>` by the interval of our first line. */
function tableOf({ figures, published }: Row, own: readonly Own[]): string {
  const [first] = own;
  const beside = (name: FigureName, value: number | undefined): string => {
    if (value === undefined) return '–';
    const [lower, upper] = meanOf(first?.results ?? [], name).interval;
    return `${value.toFixed(4)} ${value < lower ? '<' : value > upper ? '>' : '='}`;
  };
  return formatTable([
    ['method', ...figures, 'missed', 'minutes', 'source'],
    ...own.map(({ name, results }) => [
      ...[name, ...figures.map((figure) => describe(meanOf(results, figure)))],
      ...[String(results[0]?.missed), (average(results.map((one) => one.trainSeconds)) / 60).toFixed(1)],
      `${results.length} ${results.length === 1 ? 'seed' : 'seeds'}`,
    ]),
    ...published.map(({ method, values, source }) => [
      ...[method, ...figures.map((figure) => beside(figure, values[figure])), '–', '–', source],
    ]),
  ]);
}

const average = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The mean over seeds, and the mean of their intervals. */
function meanOf(results: readonly Result[], name: FigureName): Figure {
  const figures = results.flatMap(({ figures }) => figures[name] ?? []);
  const ends = [0, 1].map((end) => average(figures.map(({ interval }) => interval[end] as number)));
  return { mean: average(figures.map(({ mean }) => mean)), interval: ends as [number, number] };
}

const describe = ({ mean, interval }: Figure): string =>
  `${mean.toFixed(4)} (${interval.map((end) => end.toFixed(4)).join('–')})`;

function fieldParser() {
  const text = { type: 'string', requiresArg: true } as const;
  const list = { ...text, array: true } as const;
  const names = Object.keys(presets);
  return yargs()
    .usage(
      '$0',
      'Trains the presets on the published files of other papers, makes their predictions once, and prints the figures beside theirs. A training that is in the output folder is not repeated.',
    )
    .option('data-folder', {
      ...text,
      demandOption: true,
      describe: 'Folder of the clones of the repositories',
    })
    .option('only', {
      ...list,
      default: [] as string[],
      describe: 'Tables, such as rsc15-64 or beauty; all if not given',
    })
    .option('seeds', { ...list, default: ['1', '2', '3'], describe: 'Seeds of the trainings' })
    .option('presets', { ...list, choices: names, default: names, describe: 'What is trained' })
    .option('threads', { type: 'number', requiresArg: true, describe: 'Threads; all cores if not given' })
    .option('count', {
      type: 'boolean',
      default: false,
      describe: 'Only read the files and count the predictions',
    })
    .option('output', { ...text, default: '.gru4rec/field', describe: 'Folder of the results' });
}
