import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { type Contender, compare, parseContenders, writeReports } from '@gru4rec/comparison';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import { presets } from '@gru4rec/model';
import { comparisonMarkdown } from '@gru4rec/report';
import yargs from 'yargs';
import {
  type ArgumentsOf,
  checkPositiveIntegers,
  runCommand,
  type Surroundings,
  UsageError,
} from '../command-line.ts';
import { type DataName, dataNames, openStudyData, type StudyData } from './data-sets.ts';
import { type Method, methods } from './methods.ts';
import { CUTOFF, type Tuned, tuneMethod, type Workshop } from './tune-method.ts';

/** Returns 0; 2 for a wrong command line. @throws the reason of the signal; errors of the data. */
export function runStudyCommand(words: readonly string[], surroundings: Surroundings): Promise<number> {
  return runCommand('study', studyParser(), words, surroundings, async (found) => {
    await study(found, surroundings);
    return 0;
  });
}

type Options = ArgumentsOf<typeof studyParser>;
type Single = Exclude<Contender, { kind: 'mix' }>;

interface Task {
  readonly name: DataName;
  readonly data: StudyData;
  readonly folder: string;
  readonly seeds: readonly number[];
  readonly workshop: Workshop;
  readonly say: (line: string) => void;
}

async function study(found: Options, { resolvePath, print, complain, signal }: Surroundings): Promise<void> {
  const { threads, seeds, budget } = checkNumbers(found);
  const engine = createWasmEngine({ threads, native: findNativeKernels().kernels });
  const workshop = { engine, threads, signal: signal ?? new AbortController().signal };
  const dataFolder = found['data-folder'] === undefined ? undefined : resolvePath(found['data-folder']);
  const source = { dataFolder, shop: { events: found['shop-events'], items: found['shop-items'] } };
  const names = dataNames.filter((name) => found.only.includes(name));
  const tuned = methods.filter(({ space }) => space !== undefined);
  const seconds = Math.ceil((3600 * budget) / (names.length * tuned.length));
  for (const name of names) {
    const folder = join(resolvePath(found.output), name);
    complain(`${name}: preparing`);
    const data = await openStudyData(name, source, folder);
    const task: Task = { name, data, folder, seeds, workshop, say: complain };
    print(found.presets ? await comparePresets(task) : await compareAll(task, seconds));
  }
}

/** Tunes all methods, and compares them and a mix of the best two on the test split. @returns a page in Markdown. */
async function compareAll(task: Task, seconds: number): Promise<string> {
  const { name, data, folder, workshop, say } = task;
  const found: { readonly method: Method; readonly tuned: Tuned; readonly contender: Single }[] = [];
  for (const method of methods) {
    say(`${name}: tuning ${method.title}`);
    const study = join(folder, `${method.id}.jsonl`);
    const tuned = await tuneMethod(method, data, { seconds, study, workshop });
    const values = JSON.stringify(tuned.values);
    say(`${name}: ${method.title}: ${tuned.score.toFixed(4)} on validation with ${values}`);
    const text = values === '{}' ? method.id : `${method.id}:${values}`;
    const tunedOn = data.tune.manifest.files['validation.arrow']?.sha256 ?? '';
    const config = { ...method.defaults, ...tuned.values, tunedOn };
    const file = method.family === 'baseline' ? text : writeConfig(folder, `${name}-${method.id}`, config);
    found.push({ method, tuned, contender: parseContenders([file])[0] as Single });
  }
  const bestOf = (family: Method['family']) =>
    found
      .filter(({ method }) => method.family === family)
      .reduce((best, other) => (other.tuned.score > best.tuned.score ? other : best)).contender;
  const mix = { kind: 'mix', text: 'mix', parts: [bestOf('gru4rec'), bestOf('baseline')] } as const;
  const { models } = await compare(
    { data: name, contenders: [{ ...mix, weight: undefined }], split: 'validation', resamples: 0 },
    { dataset: data.tune, engine: workshop.engine },
  );
  const weight = Number(models[0]?.options['weight']);
  return compareOnTest(task, [...found.map(({ contender }) => contender), { ...mix, weight }]);
}

function comparePresets(task: Task): Promise<string> {
  const files = Object.entries(presets).map(([name, values]) =>
    writeConfig(task.folder, name, { ...values }),
  );
  return compareOnTest(task, parseContenders([...files, 's-knn', 'v-sknn', 'stan', 'vstan']));
}

function writeConfig(folder: string, name: string, config: object): string {
  const file = join(folder, 'configs', `${name}.json`);
  mkdirSync(join(folder, 'configs'), { recursive: true });
  writeFileSync(file, `${JSON.stringify(config, undefined, 2)}\n`);
  return file;
}

async function compareOnTest(task: Task, contenders: readonly Contender[]): Promise<string> {
  const { name, data, folder, seeds, workshop, say } = task;
  const { engine, threads, signal } = workshop;
  const report = await compare(
    { data: name, contenders, seeds, threads, cutoffs: [CUTOFF] },
    {
      dataset: data.final,
      engine,
      onEpoch: () => signal.throwIfAborted(),
      onRun(title, { seed, evaluation }) {
        signal.throwIfAborted();
        const { recall = Number.NaN, mrr = Number.NaN } = evaluation.results[0] ?? {};
        say(`${name}: ${title}, seed ${seed}: recall ${recall.toFixed(4)}, MRR ${mrr.toFixed(4)}`);
      },
    },
  );
  await writeReports(join(folder, 'report'), report);
  return comparisonMarkdown(report);
}

function checkNumbers({ budget, threads = availableParallelism(), seeds }: Options) {
  if (!(budget > 0)) throw new UsageError(`study: --budget expected hours > 0, got ${budget}`);
  checkPositiveIntegers('study', { threads });
  const numbers = seeds.map(Number);
  if (numbers.length === 0 || !numbers.every((seed) => Number.isInteger(seed) && seed >= 0)) {
    throw new UsageError(`study: --seeds expected integers ≥ 0, got ${seeds.join(' ')}`);
  }
  return { budget, threads, seeds: numbers };
}

function studyParser() {
  const number = { type: 'number', requiresArg: true } as const;
  const text = { type: 'string', requiresArg: true } as const;
  const list = { ...text, array: true } as const;
  const budget = 'Hours of tuning, shared equally by methods and data sets';
  const presets = 'Only train the presets, and compare them with untuned neighbours';
  return yargs()
    .usage(
      '$0',
      'Offers every baseline and GRU4Rec the same time for tuning on each data set, and compares them. The same command continues the tuning that was interrupted.',
    )
    .option('only', { ...list, choices: dataNames, default: dataNames, describe: 'Data sets' })
    .option('budget', { ...number, default: 8, describe: budget })
    .option('threads', { ...number, describe: 'Threads of everything; all cores if not given' })
    .option('data-folder', { ...text, describe: 'Folder with a folder per published data set' })
    .option('seeds', { ...list, default: ['1', '2', '3'], describe: 'Seeds of the final trainings' })
    .option('output', {
      ...text,
      default: '.gru4rec/study',
      describe: 'Folder of the data, trials and results',
    })
    .option('presets', { type: 'boolean', default: false, describe: presets })
    .option('shop-events', { ...number, default: 500_000, describe: 'Clicks of the generated shop log' })
    .option('shop-items', { ...number, default: 10_000, describe: 'Items of the generated shop log' });
}
