import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import {
  type CompareSettings,
  type ContenderFiles,
  type ContenderRun,
  checkGates,
  checkReportFolder,
  compare,
  contenderForms,
  describeGate,
  type GateResult,
  gateForms,
  type KeepSettings,
  loadScorerFactory,
  type NamedRun,
  namesToKeep,
  needsSeed,
  parseContenders,
  parseGate,
  singlesOf,
  writeReports,
} from '@gru4rec/comparison';
import type { SessionDataset } from '@gru4rec/dataset';
import { mainCutoff } from '@gru4rec/report';
import type { Argv, Options } from 'yargs';
import { chooseEngine } from '../arguments/engines.ts';
import { DEFAULT_CUTOFFS, evaluationOptions, ownMetrics, tooLarge } from '../arguments/evaluation.ts';
import { checkOutputFolder, expectFolder } from '../arguments/folders.ts';
import {
  engineOption,
  flag,
  folderArgument,
  optionalInteger,
  optionalText,
  parsedText,
  parsedTexts,
  threadsOption,
} from '../arguments/options.ts';
import {
  configPath,
  readConfig,
  readDataset,
  readItemInfoOfData,
  readModel,
} from '../arguments/read-inputs.ts';
import { integers } from '../arguments/values.ts';
import { checkTableFiles, writeTableFiles } from '../comparing/table-files.ts';
import { commandLine, programName } from '../terminal/invocation.ts';
import { printable } from '../terminal/printable.ts';
import { formatEpoch } from '../terminal/progress.ts';
import { writeComparison } from '../terminal/tables.ts';
import type { Output, Terminal } from '../terminal/terminal.ts';
import { readVersion } from '../version.ts';
import type { ArgumentsOf, Command } from './command.ts';

type Arguments = ArgumentsOf<typeof describeOptions>;

export const compareCommand: Command = { builder: describeOptions, handler: runCompare };

function optionsIn(directory: string) {
  const isFolder = (text: string) =>
    statSync(resolve(directory, text), { throwIfNoEntry: false })?.isDirectory() ?? false;
  return {
    ...evaluationOptions,
    keep: parsedText(
      'keep',
      'Write the folder of the contender with the highest MRR, for serve and others, or with NAME=FOLDER that of one of --models; not written if a gate fails',
      parseKept,
    ),
    overwrite: flag('Replace what the folder to keep holds'),
    windows: optionalInteger(
      'windows',
      2,
      'Figures are means over this many time windows, each split as the dataset is',
    ),
    ranks: optionalText('ranks', 'Parquet file for the rank of every target by every contender'),
    models: {
      ...parsedTexts(`What to compare: ${contenderForms}`, (given) => parseContenders(given, isFolder)),
      demandOption: true,
    },
    seeds: parsedTexts(
      'Train once per seed; the seeds of the configurations if not given',
      integers('seeds', 0),
    ),
    output: optionalText(
      'output',
      'Folder for report.html, .md, .json, .csv and .tex (booktabs); earlier ones are replaced',
    ),
    gate: parsedTexts(
      `Exit with 1 unless this holds, such as ${gateForms}: >= compares means, > the 95 % interval of the difference`,
      (given) => given.map(parseGate),
    ),
    'any-data': flag(
      'Accept trained models of another dataset, whose training may contain the evaluated sessions',
    ),
    engine: engineOption,
    threads: threadsOption,
  } as const satisfies Record<string, Options>;
}

const examples: [command: string, description: string][] = [
  ['--models baselines', ''],
  ['--models mine.json v-sknn mix:mine.json+v-sknn --seeds 1 2 3 --output report', ''],
  ['--models s-knn s-knn:neighbours=100,sampleSize=500 --cutoffs 5 20', ''],
  [
    '--models new old --gate "new >= old recall@20" "new > old mrr@20 - 0.005"',
    'Models that train wrote; exit code 1 if a gate fails',
  ],
  ['--models model mix:model+v-sknn --keep shop', 'For serve'],
  ['--models vstan vstan:indexSessions=1000000 --sample 5000', ''],
];

function describeOptions(yargs: Argv, { directory }: Terminal) {
  return yargs
    .usage(
      '$0 compare DATA --models NAME… [options]\n\nTrains or fits several recommenders and compares them on the same held-out sessions.',
    )
    .positional('data', folderArgument('data', 'Folder of the dataset, which prepare wrote'))
    .options(optionsIn(directory))
    .example(examples.map(([example, about]) => [`$0 compare data ${example}`, about]));
}

interface Kept {
  readonly contender: string;
  readonly folder: string;
}

function parseKept(text: string): Kept {
  const [, contender = 'best', folder = ''] = /^(?:(.+)=)?([^=]+)$/s.exec(text) ?? [];
  if (folder !== '') return { contender, folder };
  throw new UsageError(`--keep expected FOLDER or NAME=FOLDER, got ${JSON.stringify(text)}`);
}

function checkEffects(args: Arguments): void {
  const { models, seeds, engine } = args;
  if (seeds !== undefined && !models.some(needsSeed)) {
    throw new UsageError(
      '--seeds expected a contender that depends on a seed, such as FILE.json, among --models, got none',
    );
  }
  const withoutEngine = ['baseline', 'own'];
  if (engine !== 'auto' && singlesOf(models).every(({ kind }) => withoutEngine.includes(kind))) {
    throw new UsageError('--engine expected a model to train (FILE.json) among --models, got none');
  }
  if (args.keep !== undefined) namesToKeep(args.keep.contender, models);
  checkGates(args.gate ?? [], {
    contenders: models,
    cutoffs: args.cutoffs ?? DEFAULT_CUTOFFS,
    intervals: args.protocol !== 'remaining',
  });
}

async function runCompare(args: Arguments, terminal: Terminal, argv: readonly string[]): Promise<void> {
  const { directory, stdout, stderr } = terminal;
  checkEffects(args);
  await expectFolder('DATA', resolve(directory, args.data), 'a dataset');
  const { engine, name: engineName } = await chooseEngine(args.engine, args.threads);
  const settings = await settingsOf(args, directory, { engineName, command: commandLine(argv) });
  const output = args.output === undefined ? undefined : resolve(directory, args.output);
  if (output !== undefined) await checkReportFolder(output);
  await checkTableFiles(args, directory);
  const inFolder = (path: string) => resolve(directory, path);
  const dataset = await readDataset(inFolder(args.data));
  let kept: string | undefined;
  const runs: NamedRun[] = [];
  const report = await compare(settings, {
    ...{ dataset, engine, files: contenderFiles(directory) },
    readLabels: () => readLabels(dataset, inFolder(args.data)),
    onSessions: (sessions) => stderr.write(tooLarge(args, sessions)),
    onEpoch: (name, record, epochs) =>
      stderr.write(`${printable(name)}: ${formatEpoch(record)} of ${epochs}\n`),
    onRun: (name, run) => {
      runs.push({ name, run });
      stderr.write(`${describeRun(name, run, mainCutoff(args.cutoffs ?? DEFAULT_CUTOFFS))}\n`);
    },
    onKept: (name) => {
      kept = name;
    },
  });
  if (output !== undefined) await writeReports(output, report);
  await writeTableFiles(args, directory, { runs, dataset });
  writeComparison(stdout, report);
  if (output !== undefined) stderr.write(`The report is in ${args.output}: open report.html\n`);
  if (kept !== undefined) stderr.write(describeKept(kept, args));
  reportGates(report.gates ?? [], stderr);
}

async function settingsOf(
  args: Arguments,
  directory: string,
  { engineName, command }: { readonly engineName: string; readonly command: string },
): Promise<CompareSettings> {
  return {
    data: args.data,
    contenders: args.models,
    seeds: args.seeds ?? [],
    split: args.split,
    engineName,
    cutoffs: args.cutoffs ?? DEFAULT_CUTOFFS,
    protocol: args.protocol,
    tieRule: args.tieRule,
    excludeSeen: args.excludeSeen,
    ...(await ownMetrics(args, directory)),
    sample: args.sample,
    threads: args.threads ?? availableParallelism(),
    gates: args.gate ?? [],
    anyData: args['any-data'],
    windows: args.windows,
    keep: await keepSettings(args, directory),
    origin: { version: readVersion(), command },
  };
}

function contenderFiles(directory: string): ContenderFiles {
  const inFolder = (path: string) => resolve(directory, path);
  return {
    readConfig: (file, changes) => readConfig(configPath(directory, file), changes),
    async readModel(folder) {
      await expectFolder(`--models ${folder}`, inFolder(folder), 'a model');
      return readModel(inFolder(folder));
    },
    readFactory: (file) => loadScorerFactory(inFolder(file), file),
  };
}

async function readLabels(dataset: SessionDataset, folder: string): Promise<(item: number) => string> {
  const info = await readItemInfoOfData(folder, dataset);
  return (item) => info?.at(item)?.title ?? dataset.itemIds.at(item) ?? '';
}

function describeRun(
  name: string,
  { seed, fitSeconds, evaluateSeconds, evaluation }: ContenderRun,
  main: number,
): string {
  const result = evaluation.results.find(({ cutoff }) => cutoff === main);
  const seeded = seed === undefined ? '' : ` (seed ${seed})`;
  return (
    `${name}${seeded}: fit ${fitSeconds.toFixed(1)} s, evaluated in ${evaluateSeconds.toFixed(1)} s, ` +
    `recall@${result?.cutoff} ${result?.recall.toFixed(4)}, MRR ${result?.mrr.toFixed(4)}`
  );
}

function reportGates(gates: readonly GateResult[], stderr: Output): void {
  for (const gate of gates) stderr.write(`Gate ${describeGate(gate)}\n`);
  const failed = gates.filter(({ passed }) => !passed);
  if (failed.length > 0) throw new Error(`${failed.length} of ${gates.length} gates failed`);
}

const keptFolder = { marker: 'recommender.json', also: ['model.json'], content: 'recommender' };

async function keepSettings(
  { keep, overwrite }: Arguments,
  directory: string,
): Promise<KeepSettings | undefined> {
  if (keep === undefined) return undefined;
  const folder = resolve(directory, keep.folder);
  await checkOutputFolder(folder, overwrite, keptFolder);
  return { contender: keep.contender, directory: folder };
}

function describeKept(name: string, { keep }: Arguments): string {
  const folder = keep?.folder ?? '';
  const serve = commandLine(['serve', folder], programName());
  return `${printable(name)} is in ${folder}. Serve it: ${serve}\n`;
}
