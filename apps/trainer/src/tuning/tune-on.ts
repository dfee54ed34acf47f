import { join } from 'node:path';
import { replaceFile } from '@gru4rec/durable-files';
import { configDefaults, type ModelConfig, parseConfig } from '@gru4rec/model';
import type { DatasetManifest } from '@gru4rec/sessions';
import {
  best,
  bestOf,
  createMedianPruner,
  createRandomSampler,
  createTpeSampler,
  type JsonObject,
  type Report,
  type RunningTrial,
  runStudy,
  type SharedStorage,
  type Space,
  type StudyStorage,
  type TrialRecord,
} from '@gru4rec/tuning';
import { readConfig } from '../arguments/read-config.ts';
import { readManifest } from '../arguments/read-inputs.ts';
import type { KernelChoice, NamedEngine } from '../engines/engines.ts';
import { type DatabaseWatch, openStudy, type StudyDatabase } from './open-study.ts';
import { readSpace } from './read-space.ts';
import { runTrialProcess } from './trial-process.ts';

/** A study as a command line asks for it. */
export interface TuneSettings {
  /** Folder of the dataset. */
  readonly data: string;
  /** File of the search space. */
  readonly space: string;
  /** File of the configuration that the space varies; the defaults without one. */
  readonly config: string | undefined;
  /** Folder of the study, unless a database keeps it, and of its best configuration. */
  readonly output: string;
  readonly database: StudyDatabase | undefined;
  readonly trials: number;
  readonly parallel: number;
  /** Of wasm; other engines have no choice. */
  readonly threads: number | undefined;
  readonly seed: number;
  readonly sampler: 'tpe' | 'random';
  readonly pruner: 'median' | 'none';
  readonly metric: ModelConfig['validationMetric'];
  readonly engine: NamedEngine;
  /** Of wasm. */
  readonly kernels: KernelChoice;
}

/** How a study is watched. */
export interface TuneWatch extends DatabaseWatch {
  readonly onTrial: (trial: TrialRecord, best: TrialRecord | undefined) => void;
  /** Takes the numbers of the trials that other processes still run, when none is left to be started. */
  readonly onWait: (numbers: readonly number[]) => void;
}

/** What a study found. */
export interface Tuned {
  readonly trials: readonly TrialRecord[];
  /** Whether all trials have ended. */
  readonly complete: boolean;
  readonly best: { readonly trial: TrialRecord; readonly epoch: number; readonly file: string } | undefined;
}

const BEST_FILE = 'best.json';

const DIRECTION = 'maximize';

const samplers = { tpe: createTpeSampler, random: createRandomSampler };

/** Runs a study or goes on with it, and writes the configuration of its best trial. */
export async function tuneOn(settings: TuneSettings, watch: TuneWatch): Promise<Tuned> {
  const space = await readSpace(settings.space);
  const base = await readConfig(settings.config, {});
  const manifest = await readManifest(settings.data);
  const validation = manifest.files['validation.arrow'];
  if (!validation) {
    throw new Error(
      `The dataset ${settings.data} has no validation split, and tune never looks at the test split. ` +
        'Prepare it with --validation-days',
    );
  }
  const storage = await openStudy(settings.output, settings.database, watch);
  try {
    const study = { space, base, settings, tunedOn: validation.sha256, files: checksumsOf(manifest) };
    const { trials, complete } = await runTrials(storage, study, watch);
    return { trials, complete, best: await writeBest(storage, study) };
  } finally {
    await storage.close();
  }
}

type Storage = StudyStorage | SharedStorage;

interface Study {
  readonly space: Space;
  readonly base: ModelConfig;
  readonly settings: TuneSettings;
  readonly tunedOn: string;
  /** SHA-256 of each file that trials read. */
  readonly files: JsonObject;
}

/** Of the files that trials read, which the test split is not among. */
function checksumsOf({ files }: DatasetManifest): JsonObject {
  const read = ['items.arrow', 'train.arrow', 'validation.arrow'];
  return Object.fromEntries(read.map((name) => [name, files[name]?.sha256 ?? '']));
}

async function runTrials(storage: Storage, study: Study, { signal, onTrial, onWait }: TuneWatch) {
  const { space, settings } = study;
  const { trials, parallel, seed, sampler, pruner } = settings;
  return runStudy({
    storage,
    space,
    trials,
    parallel,
    seed,
    direction: DIRECTION,
    sampler: samplers[sampler](),
    ...(pruner === 'none' ? {} : { pruner: createMedianPruner({ warmupSteps: 3 }) }),
    fingerprint: fingerprintOf(study),
    signal,
    run: (trial) => runOne(study, trial),
    onTrial: (trial, all) => onTrial(trial, bestOf(all, DIRECTION)),
    onWait,
  });
}

/** Threads change the last bits of a model, so they are part of what a trial's value depends on. */
function fingerprintOf({ base, settings, files }: Study): JsonObject {
  const { metric, engine, threads } = settings;
  return {
    files,
    metric,
    engine,
    threads: threads ?? null,
    base: JSON.parse(JSON.stringify(base)) as JsonObject,
  };
}

/** @returns the validation metric of the epoch that counts. */
async function runOne(study: Study, { values, report, signal }: RunningTrial): Promise<number> {
  const { settings } = study;
  const { data, engine, threads, kernels } = settings;
  const config = configOf(study, values);
  const reports: Report[] = [];
  await runTrialProcess(
    { data, config, engine, threads, kernels },
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

/** The best epoch; with a learning rate that falls over all epochs the last, as no other can be trained to by itself. */
function countingEpoch({ learningRateDecay }: ModelConfig, reports: readonly Report[]): Report {
  if (learningRateDecay !== 'none') return reports.at(-1) ?? NO_REPORT;
  return reports.reduce((found, report) => (report.value > found.value ? report : found), NO_REPORT);
}

const NO_REPORT: Report = { step: 0, value: Number.NEGATIVE_INFINITY };

/** Trains all epochs and validates after each: pruning, not patience, ends what does not get better. */
function configOf({ base, settings }: Study, values: JsonObject): ModelConfig {
  const { metric, seed } = settings;
  const config = parseConfig({ ...base, ...values, seed, validationMetric: metric });
  return { ...config, patience: config.nEpochs };
}

/** The best trial's configuration, for as many epochs as were best, with what it was tuned on. */
async function writeBest(storage: Storage, study: Study): Promise<Tuned['best']> {
  const trial = await best(storage);
  if (!trial) return undefined;
  const tried = configOf(study, trial.values);
  const top = countingEpoch(tried, trial.reports);
  const config = { ...tried, nEpochs: top.step, patience: 0, tunedOn: study.tunedOn };
  const told = Object.entries(config).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(configDefaults[key as keyof ModelConfig]),
  );
  const file = join(study.settings.output, BEST_FILE);
  const text = `${JSON.stringify(Object.fromEntries(told), undefined, 2)}\n`;
  await replaceFile(file, [Buffer.from(text)]);
  return { trial, epoch: top.step, file };
}
