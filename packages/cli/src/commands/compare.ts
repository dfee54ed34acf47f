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
  sampleOf,
  writeReports,
} from '@gru4rec/comparison';
import type { SessionDataset } from '@gru4rec/dataset';
import { makeFile } from '@gru4rec/durable-files';
import { drawSessions, figuresAt } from '@gru4rec/metrics';
import type { ParquetColumns } from '@gru4rec/preprocess';
import { mainCutoff, resultColumns } from '@gru4rec/report';
import { evaluationOptions, expectOneTarget, ownMetrics, tooLarge } from '../arguments/evaluation.ts';
import { checkOutputFile, checkOutputFolder, expectFolder, isFolder } from '../arguments/folders.ts';
import {
  type ArgumentsOf,
  type Command,
  dataArgument,
  engineOptions,
  flag,
  integer,
  parsed,
  parsedTexts,
  required,
  text,
  texts,
} from '../arguments/options.ts';
import {
  configPath,
  readConfig,
  readDataset,
  readItemInfoOfData,
  readModel,
} from '../arguments/read-inputs.ts';
import { integers } from '../arguments/values.ts';
import { chooseEngine } from '../engines/choose-engine.ts';
import { commandLine, programName, readVersion } from '../terminal/invocation.ts';
import { printable } from '../terminal/printable.ts';
import { formatEpoch } from '../terminal/progress.ts';
import { writeComparison } from '../terminal/tables.ts';
import type { Output, Terminal } from '../terminal/terminal.ts';

const options = {
  data: dataArgument,
  ...evaluationOptions,
  keep: parsed(
    'Write the folder of the contender with the highest MRR, for serve and others, or with NAME=FOLDER that of one of --models; not written if a gate fails',
    parseKept,
  ),
  overwrite: flag('Replace what the folder to keep holds'),
  windows: integer(2, 'Figures are means over this many time windows, each split as the dataset is'),
  ranks: text('Parquet file for the rank of every target by every contender'),
  models: required(texts(`What to compare: ${contenderForms}`)),
  seeds: parsedTexts('Train once per seed; the seeds of the configurations if not given', integers(0)),
  output: text('Folder for report.html, .md, .json, .csv and .tex (booktabs); earlier ones are replaced'),
  columns: {
    ...texts('Columns of report.tex; all if not given'),
    choices: resultColumns,
  },
  gate: parsedTexts(
    `Exit with 1 unless this holds, such as ${gateForms}: >= compares means, > the 95 % interval of the difference`,
    (texts) => texts.map(parseGate),
  ),
  'any-data': flag(
    'Accept trained models of another dataset, whose training may contain the evaluated sessions',
  ),
  ...engineOptions,
};

type Arguments = ArgumentsOf<typeof options>;

export const command: Command = {
  usage:
    '$0 compare DATA --models NAME… [options]\n\nTrains or fits several recommenders and compares them on the same held-out sessions.',
  options,
  examples: [
    'data --models baselines',
    'data --models mine.json v-sknn --seeds 1 2 3 --output report',
    'data --models s-knn s-knn:neighbours=100,sampleSize=500 --cutoffs 5 20',
    [
      'data --models new old --gate "new >= old recall@20" "new > old mrr@20 - 0.005"',
      'Models that train wrote; exit code 1 if a gate fails',
    ],
    ['data --models mine.json counts --keep shop', 'For serve'],
    'data --models vstan vstan:indexSessions=1000000 --sample 5000',
  ],
  run: runCompare,
};

interface Kept {
  readonly contender: string;
  readonly folder: string;
}

function parseKept(text: string, label: string): Kept {
  const [, contender = 'best', folder = ''] = /^(?:(.+)=)?([^=]+)$/s.exec(text) ?? [];
  if (folder !== '') return { contender, folder };
  throw new UsageError(`${label} expected FOLDER or NAME=FOLDER, got ${JSON.stringify(text)}`);
}

function checkEffects(args: Arguments, models: CompareSettings['contenders']): void {
  const { seeds, engine } = args;
  if (seeds !== undefined && !models.some(needsSeed)) {
    throw new UsageError(
      '--seeds expected a contender that depends on a seed, such as FILE.json, among --models, got none',
    );
  }
  const withoutEngine = ['baseline', 'own'];
  if (engine !== 'auto' && models.every(({ kind }) => withoutEngine.includes(kind))) {
    throw new UsageError('--engine expected a model to train (FILE.json) among --models, got none');
  }
  if (args.columns !== undefined && args.output === undefined) {
    throw new UsageError('--columns expected --output, whose report.tex has them, got none');
  }
  if (args.keep !== undefined) namesToKeep(args.keep.contender, models);
  checkGates(args.gate ?? [], {
    contenders: models,
    cutoffs: args.cutoffs,
    intervals: args.protocol !== 'remaining',
  });
}

async function runCompare(args: Arguments, terminal: Terminal, argv: readonly string[]): Promise<void> {
  const { directory, stdout, stderr } = terminal;
  const contenders = parseContenders(args.models, (text) => isFolder(resolve(directory, text)));
  checkEffects(args, contenders);
  await expectFolder('DATA', resolve(directory, args.data), 'a dataset');
  const { engine, name: engineName } = await chooseEngine(args.engine, args);
  const settings = await settingsOf(args, directory, { contenders, engineName, command: commandLine(argv) });
  const inFolder = (path: string) => resolve(directory, path);
  const output = args.output && inFolder(args.output);
  if (output) await checkReportFolder(output);
  await checkRanks(args, directory);
  const dataset = await readDataset(inFolder(args.data));
  let kept: string | undefined;
  const runs: NamedRun[] = [];
  const report = await compare(settings, {
    dataset,
    engine,
    files: contenderFiles(directory),
    readLabels: () => readLabels(dataset, inFolder(args.data)),
    onSessions: (sessions) => stderr.write(tooLarge(args, sessions)),
    onEpoch: (name, record, epochs) => stderr.write(`${printable(name)}: ${formatEpoch(record, epochs)}\n`),
    onRun: (name, run) => {
      runs.push({ name, run });
      stderr.write(`${describeRun(name, run, mainCutoff(args.cutoffs))}\n`);
    },
    onKept: (name) => {
      kept = name;
    },
  });
  if (output) await writeReports(output, report, args.columns);
  if (args.ranks !== undefined) {
    const { writeParquet } = await import('@gru4rec/preprocess');
    const rows = rankRows(runs, dataset, predictedIds(args, dataset));
    await makeFile(inFolder(args.ranks), (path) => writeParquet(path, rankColumns, rows));
  }
  writeComparison(stdout, report);
  if (output) stderr.write(`The report is in ${args.output}: open report.html\n`);
  if (kept !== undefined) stderr.write(describeKept(kept, args));
  reportGates(report.gates ?? [], stderr);
}

async function checkRanks({ ranks, windows, protocol }: Arguments, directory: string): Promise<void> {
  if (ranks === undefined) return;
  expectOneTarget('--ranks', protocol);
  if (windows !== undefined) {
    throw new UsageError('--ranks expected one evaluation of all sessions, got --windows');
  }
  await checkOutputFile(resolve(directory, ranks), true).catch((cause) => {
    throw new Error(`--ranks ${ranks} cannot be written`, { cause });
  });
}

async function settingsOf(
  args: Arguments,
  directory: string,
  run: Pick<CompareSettings, 'contenders'> & { readonly engineName: string; readonly command: string },
): Promise<CompareSettings> {
  const { data, split, cutoffs, protocol, tieRule, excludeSeen, sample, anyData, windows } = args;
  return {
    data,
    split,
    cutoffs,
    protocol,
    tieRule,
    excludeSeen,
    sample,
    anyData,
    windows,
    contenders: run.contenders,
    engineName: run.engineName,
    seeds: args.seeds ?? [],
    ...(await ownMetrics(args, directory)),
    threads: args.threads ?? availableParallelism(),
    gates: args.gate ?? [],
    keep: await keepSettings(args, directory),
    origin: { version: readVersion(), command: run.command },
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
  const { recall, mrr } = figuresAt(evaluation, main);
  const seeded = seed === undefined ? '' : ` (seed ${seed})`;
  return (
    `${name}${seeded}: fit ${fitSeconds.toFixed(1)} s, evaluated in ${evaluateSeconds.toFixed(1)} s, ` +
    `recall@${main} ${recall.toFixed(4)}, MRR ${mrr.toFixed(4)}`
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

const rankColumns: ParquetColumns = {
  model: 'VARCHAR',
  seed: 'INTEGER',
  session: 'VARCHAR',
  position: 'INTEGER',
  target: 'VARCHAR',
  rank: 'DOUBLE',
};

type RankRow = [string, number | null, string, number, string, number | null];

function* rankRows(
  runs: readonly NamedRun[],
  { itemIds }: SessionDataset,
  sessionIds: readonly string[],
): Generator<RankRow> {
  for (const { name, run } of runs) {
    const { session, position, target, rank } = run.evaluation.ranks ?? noRanks;
    for (const [at, value] of rank.entries()) {
      yield [
        ...[name, run.seed ?? null, sessionIds[session[at] ?? 0] ?? ''],
        ...[position[at] ?? 0, itemIds.at(target[at] ?? 0) ?? '', Number.isFinite(value) ? value : null],
      ] as RankRow;
    }
  }
}

const noRanks = { session: [], position: [], target: [], rank: [] as number[] };

function predictedIds(args: Arguments, dataset: SessionDataset): string[] {
  const split = dataset[args.split];
  if (!split) return [];
  const { sessionIds, sessionOffsets } = split;
  const sample = sampleOf(sessionIds.length, args);
  const drawn = sample && [
    ...drawSessions({ size: sample.sessions, sessions: sample.of, seed: sample.seed }),
  ];
  const ids: string[] = [];
  for (const [session, start] of sessionOffsets.subarray(0, -1).entries()) {
    const clicks = (sessionOffsets[session + 1] ?? start) - start;
    if (clicks > 1 && drawn?.[session] !== false) ids.push(sessionIds.at(session) ?? '');
  }
  return ids;
}
