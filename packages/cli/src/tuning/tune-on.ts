import { join } from 'node:path';
import type { DatasetManifest } from '@gru4rec/dataset';
import { replaceFile } from '@gru4rec/durable-files';
import { configDefaults, type ModelConfig, parseConfig } from '@gru4rec/model';
import {
  bestOf,
  createMedianPruner,
  createTpeSampler,
  type JsonObject,
  openStudyDatabase,
  openStudyFile,
  type Report,
  type RunningTrial,
  runStudy,
  type Space,
  type StudyStorage,
  type TrialRecord,
} from '@gru4rec/tuning';
import { makeFolder } from '../arguments/folders.ts';
import { readManifest } from '../arguments/read-inputs.ts';
import { changedSettings } from '../arguments/settings.ts';
import type { EngineChoice, NamedEngine } from '../engines/choose-engine.ts';
import { readSpace } from './read-space.ts';
import { runTrialProcess } from './trial-process.ts';

export interface TuneSettings {
  readonly data: string;
  readonly space: string;
  /** Folder of the best configuration and, without a database, of the study. */
  readonly output: string;
  readonly database: { readonly url: string; readonly study: string } | undefined;
  readonly trials: number;
  readonly parallel: number;
  readonly threads: number | undefined;
  readonly seed: number;
  readonly metric: ModelConfig['validationMetric'];
  readonly engine: NamedEngine;
  readonly choice: EngineChoice;
}

interface TuneWatch {
  readonly signal: AbortSignal;
  /** When the database cannot be reached. */
  readonly onLost: (reason: string) => void;
  readonly onTrial: (trial: TrialRecord, best: TrialRecord | undefined) => void;
  /** When other processes still run trials, and none is left to start. */
  readonly onWait: (numbers: readonly number[]) => void;
}

export interface Tuned {
  readonly trials: readonly TrialRecord[];
  readonly complete: boolean;
  readonly best: { readonly trial: TrialRecord; readonly epoch: number } | undefined;
}

const BEST_FILE = 'best.json';

const DIRECTION = 'maximize';

export async function tuneOn(settings: TuneSettings, watch: TuneWatch): Promise<Tuned> {
  const space = await readSpace(settings.space);
  const manifest = await readManifest(settings.data);
  const validation = manifest.files['validation.arrow'];
  if (!validation) {
    throw new Error(
      `The dataset ${settings.data} has no validation split, and tune never uses the test split. ` +
        'Prepare it with --validation',
    );
  }
  const storage = await openStudy(settings, watch);
  try {
    const study = { space, settings, tunedOn: validation.sha256, files: checksumsOf(manifest) };
    const { trials, complete } = await runTrials(storage, study, watch);
    return { trials, complete, best: await writeBest(bestOf(trials, DIRECTION), study) };
  } finally {
    await storage.close();
  }
}

interface Study {
  readonly space: Space;
  readonly settings: TuneSettings;
  readonly tunedOn: string;
  readonly files: JsonObject;
}

function checksumsOf({ files }: DatasetManifest): JsonObject {
  const read = ['items.arrow', 'train.arrow', 'validation.arrow'];
  return Object.fromEntries(read.map((name) => [name, files[name]?.sha256 ?? '']));
}

async function runTrials(storage: StudyStorage, study: Study, { signal, onTrial, onWait }: TuneWatch) {
  const { space, settings } = study;
  const { trials, parallel, seed } = settings;
  return runStudy({
    storage,
    space,
    trials,
    parallel,
    seed,
    direction: DIRECTION,
    sampler: createTpeSampler(),
    pruner: createMedianPruner({ warmupSteps: 3 }),
    fingerprint: fingerprintOf(study),
    signal,
    run: (trial) => runOne(study, trial),
    onTrial: (trial, all) => onTrial(trial, bestOf(all, DIRECTION)),
    onWait,
  });
}

/** What the value of a trial depends on; threads change the last bits of a model. */
function fingerprintOf({ settings, files }: Study): JsonObject {
  const { metric, engine, threads } = settings;
  return {
    files,
    metric,
    engine,
    threads: threads ?? null,
    base: JSON.parse(JSON.stringify(configDefaults)) as JsonObject,
  };
}

async function runOne(study: Study, { values, report, signal }: RunningTrial): Promise<number> {
  const { settings } = study;
  const { data, choice, threads } = settings;
  const config = configOf(study, values);
  const reports: Report[] = [];
  await runTrialProcess(
    { data, config, engine: choice, threads },
    {
      signal,
      onEpoch(epoch, measured) {
        reports.push({ step: epoch, value: measured });
        return report(epoch, measured);
      },
    },
  );
  return countingEpoch(config, reports).value;
}

/** The best epoch. With learning rate decay the last one, because training that ends earlier has another decay. */
function countingEpoch({ learningRateDecay }: ModelConfig, reports: readonly Report[]): Report {
  if (learningRateDecay !== 'none') return reports.at(-1) ?? NO_REPORT;
  return reports.reduce((best, report) => (report.value > best.value ? report : best), NO_REPORT);
}

const NO_REPORT: Report = { step: 0, value: Number.NEGATIVE_INFINITY };

/** Validates after every epoch and trains all of them; pruning replaces patience. */
function configOf({ settings }: Study, values: JsonObject): ModelConfig {
  const { metric, seed } = settings;
  const config = parseConfig({ ...values, seed, validationMetric: metric });
  return { ...config, patience: config.nEpochs };
}

async function writeBest(trial: TrialRecord | undefined, study: Study): Promise<Tuned['best']> {
  if (!trial) return undefined;
  const tried = configOf(study, trial.values);
  const top = countingEpoch(tried, trial.reports);
  const config = { ...tried, nEpochs: top.step, patience: 0, tunedOn: study.tunedOn };
  const file = join(study.settings.output, BEST_FILE);
  const text = `${JSON.stringify(changedSettings(config), undefined, 2)}\n`;
  await replaceFile(file, [Buffer.from(text)]);
  return { trial, epoch: top.step };
}

const STUDY_FILE = 'study.jsonl';

async function openStudy(
  { output, database }: TuneSettings,
  { onLost, signal }: TuneWatch,
): Promise<StudyStorage> {
  // A database that cannot be opened leaves no folder.
  const shared =
    database && (await openStudyDatabase(database.url, { study: database.study, onLost, signal }));
  try {
    await makeFolder(output).catch((cause) => {
      throw new Error(`The study cannot be written in ${output}`, { cause });
    });
    return shared ?? (await openStudyFile(join(output, STUDY_FILE)));
  } catch (error) {
    await shared?.close();
    throw error;
  }
}
