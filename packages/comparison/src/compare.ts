import { availableParallelism } from 'node:os';
import { type Complete, UsageError } from '@gru4rec/checks';
import type { SessionDataset } from '@gru4rec/dataset';
import type { EvaluateOptions } from '@gru4rec/metrics';
import type { Engine } from '@gru4rec/program';
import { type ComparisonReport, mainCutoff } from '@gru4rec/report';
import { buildReport, findExamples } from './build-report.ts';
import { type Contender, checkContenders, plainFiles } from './contenders/contender.ts';
import type { ContenderFiles, FitContext } from './contenders/kind.ts';
import { type Gate, judgeGates } from './gates.ts';
import {
  datasetFacts,
  describeSample,
  drawSample,
  type HeldOut,
  type Sampled,
  type SampleSettings,
  splitChecksum,
  splitOf,
} from './held-out.ts';
import { Keeper, type KeepSettings, namesToKeep } from './keep-recommender.ts';
import { type ContenderRuns, type RunOptions, runContenders, warningsOf } from './run-contenders.ts';
import { joinWindows, timeWindows } from './time-windows.ts';

/** Settings of a comparison. All but the name of the data and the contenders have defaults. */
export type CompareSettings = Pick<AllSettings, 'data' | 'contenders'> & Partial<AllSettings>;

interface AllSettings
  extends Complete<Pick<EvaluateOptions, 'protocol' | 'tieRule' | 'excludeSeen'>>,
    Pick<EvaluateOptions, 'metrics'>,
    SampleSettings {
  /** Name or folder of the dataset, for the report. */
  readonly data: string;
  readonly contenders: readonly Contender[];
  readonly cutoffs: readonly number[];
  /** Empty: the seeds of the configurations. */
  readonly seeds: readonly number[];
  readonly split: HeldOut;
  /** For the report, where it is not the name that the engine gives itself. */
  readonly engineName: string;
  /** Resamples for intervals and p-values; 0 for none. */
  readonly resamples: number;
  /** Threads of baselines; models use those of the engine. */
  readonly threads: number;
  readonly gates: readonly Gate[];
  /** Whether trained models of other datasets are accepted. */
  readonly anyData: boolean;
  /** Writes the folder of a contender, or of the best one, unless a gate fails. */
  readonly keep: KeepSettings | undefined;
  /** Number of time windows, 2 to 20; undefined: one evaluation. */
  readonly windows: number | undefined;
  /** What else the report says about its origin, such as the command that made it. */
  readonly origin: Readonly<Record<string, string>>;
}

const defaults: Omit<AllSettings, 'data' | 'contenders' | 'engineName'> = {
  cutoffs: [20],
  protocol: 'next',
  tieRule: 'standard',
  excludeSeen: false,
  seeds: [],
  split: 'test',
  resamples: 1000,
  threads: 1,
  gates: [],
  anyData: false,
  keep: undefined,
  windows: undefined,
  origin: {},
};

/** The dataset, the engine and the callbacks of a comparison. */
export interface CompareSurroundings {
  readonly dataset: SessionDataset;
  /** Trains and scores the models; baselines need no engine. */
  readonly engine: Engine;
  /** Default: by their paths. */
  readonly files?: ContenderFiles;
  /** Reads the titles of items, which examples show; default: their ids. */
  readonly readLabels?: () => Promise<(item: number) => string>;
  /** Called with the number of sessions of the split, before the work. */
  readonly onSessions?: (sessions: number) => void;
  /** Called after each epoch of a model. */
  readonly onEpoch?: FitContext['onEpoch'];
  /** Called after each evaluation. */
  readonly onRun?: RunOptions['onRun'];
  /** Called with the name of the contender whose folder is written. */
  readonly onKept?: (name: string) => void;
}

/**
 * Fits and evaluates recommenders on the same held-out sessions, or on those of consecutive time windows: then figures are
 * means over the windows, with intervals of Student’s t.
 * @returns what `writeReports` writes.
 * @throws UsageError, ConfigError if options or configurations are wrong; Error if the dataset lacks a split, or a trained
 * model does not fit it.
 */
export async function compare(
  { windows, ...settings }: CompareSettings,
  surroundings: CompareSurroundings,
): Promise<ComparisonReport> {
  if (windows === undefined) return compareOn(settings, surroundings);
  checkForWindows(settings);
  const cut = timeWindows(surroundings.dataset, windows, settings.data);
  const { onRun, onEpoch } = surroundings;
  const reports: ComparisonReport[] = [];
  for (const [index, { dataset }] of cut.entries()) {
    const name = (contender: string) => `window ${index + 1} of ${windows}, ${contender}`;
    const report = await compareOn(
      { ...settings, resamples: 0 },
      {
        ...surroundings,
        dataset,
        // Titles are by the item numbers of the whole dataset.
        readLabels: () => Promise.resolve((item) => dataset.itemIds.at(item) ?? ''),
        onRun: (contender, run) => onRun?.(name(contender), run),
        onEpoch: (contender, record, epochs) => onEpoch?.(name(contender), record, epochs),
      },
    );
    reports.push(report);
  }
  return joinWindows(reports, cut, surroundings.dataset.itemIds.length);
}

function checkForWindows({ contenders, gates = [], keep }: CompareSettings): void {
  const trained = contenders.find(({ kind }) => kind === 'trained');
  if (trained) {
    throw new UsageError(
      `--windows expected contenders that are fitted to each window, got the trained model ${trained.text}`,
    );
  }
  const wrong = (gates.length > 0 && '--gate') || (keep && '--keep');
  if (!wrong) return;
  throw new UsageError(`${wrong} expected one evaluation of all sessions, got --windows`);
}

/** The resamples are the same in every comparison of the same sessions. */
const RESAMPLING_SEED = 1;

async function compareOn(
  asked: CompareSettings,
  surroundings: CompareSurroundings,
): Promise<ComparisonReport> {
  const { dataset, engine, files = plainFiles, readLabels, onSessions, onEpoch, onRun } = surroundings;
  const settings: AllSettings = { engineName: engine.name, ...defaults, ...asked };
  const heldOut = splitOf(dataset, settings);
  const drawn = drawSample(heldOut, settings);
  onSessions?.(heldOut.sessionIds.length);
  const { anyData, gates, keep, metrics } = settings;
  const names = keep ? namesToKeep(keep.contender, settings.contenders) : [];
  await checkContenders(settings.contenders, { dataset, files, anyData });
  const { cutoffs, protocol, tieRule, excludeSeen, seeds, threads, resamples } = settings;
  const bootstrap = resamples === 0 ? undefined : { resamples, seed: RESAMPLING_SEED };
  const place = cutoffs.indexOf(mainCutoff(cutoffs));
  const keeper = keep && new Keeper(names, place);
  const context = { dataset, engine, files, anyData, onEpoch };
  const contenders = await runContenders(settings.contenders, context, drawn.sessions, {
    cutoffs,
    protocol,
    tieRule,
    excludeSeen,
    seeds,
    split: settings.split,
    threads,
    onRun,
    keeper,
    metrics,
    // In other cases intervals are computed from the ranks, like p-values.
    bootstrap: protocol === 'remaining' && bootstrap ? bootstrap : undefined,
  });
  const ofTraining = contenders.flatMap(({ name, runs }) =>
    runs.flatMap(({ warning }) => (warning === undefined ? [] : [`${name}: ${warning}`])),
  );
  const firsts = contenders.flatMap(({ name, runs: [run] }) => (run ? [{ name, run }] : []));
  const found = warningsOf(firsts, datasetFacts(dataset, settings.split, heldOut), {
    evaluated: splitChecksum(dataset, settings.split),
    intervals: true,
  });
  const examples = await findExamples(contenders, {
    sessions: drawn.sessions,
    place,
    readLabels: readLabels ?? (() => Promise.resolve((item) => dataset.itemIds.at(item) ?? '')),
  });
  const ranked = protocol === 'remaining' ? undefined : bootstrap;
  const report = buildReport(contenders, {
    title: titleOf(settings, drawn),
    origin: originOf(contenders, dataset, settings, drawn),
    warnings: [...found, ...ofTraining],
    cutoffs,
    support: dataset.support,
    bootstrap,
    metrics,
    examples,
    ...(gates.length > 0 ? { gates: judgeGates(gates, contenders, ranked) } : {}),
  });
  const passed = report.gates?.every((gate) => gate.passed) ?? true;
  if (keep && keeper && passed) surroundings.onKept?.(await keeper.save(dataset, keep));
  return report;
}

function titleOf({ contenders, data }: AllSettings, { sample }: Sampled): string {
  const title = `${contenders.length} recommender${contenders.length === 1 ? '' : 's'} on ${data}`;
  return sample ? `${title}, ${describeSample(sample)}` : title;
}

function originOf(
  contenders: readonly ContenderRuns[],
  { manifest, itemIds }: SessionDataset,
  settings: AllSettings,
  { sample }: Sampled,
): ComparisonReport['origin'] {
  const { predictions = 0, sessions = 0 } = contenders[0]?.runs[0]?.evaluation ?? {};
  const { data, split, protocol, tieRule, excludeSeen, seeds, resamples } = settings;
  return {
    dataset: data,
    checksum: manifest.checksum,
    split,
    predictions,
    sessions,
    ...(sample && { sample: describeSample(sample) }),
    items: itemIds.length,
    protocol,
    'tie rule': tieRule,
    'seen items excluded': excludeSeen,
    seeds: seeds.length === 0 ? 'of the configurations' : seeds.join(', '),
    resamples,
    engine: settings.engineName,
    cores: availableParallelism(),
    node: process.version,
    ...settings.origin,
  };
}
