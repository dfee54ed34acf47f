import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { NamedEngine } from '@gru4rec/engines';
import { type EvaluateOptions, type EvaluationFacts, evaluationWarnings } from '@gru4rec/metrics';
import type { Engine } from '@gru4rec/program';
import { type ComparisonReport, mainCutoff } from '@gru4rec/report';
import type { SessionDataset } from '@gru4rec/sessions';
import { readDataset } from '../arguments/read-inputs.ts';
import { readItemInfoOfData } from '../arguments/read-item-info.ts';
import { datasetFacts, type HeldOut, splitChecksum, splitOf } from '../evaluating/evaluation-facts.ts';
import {
  describeSample,
  drawSample,
  type Sampled,
  type SampleSettings,
  tooLarge,
} from '../evaluating/session-sample.ts';
import { printable } from '../terminal/printable.ts';
import { count, formatEpoch } from '../terminal/progress.ts';
import type { Output } from '../terminal/terminal.ts';
import { buildReport } from './build-report.ts';
import { checkContenders } from './check-contenders.ts';
import type { Contender } from './contender.ts';
import { findExamples } from './find-examples.ts';
import { type Gate, judgeGates } from './gates.ts';
import { type ContenderRun, type ContenderRuns, runContenders } from './run-contenders.ts';
import { testPairs } from './test-pairs.ts';

/** Settings of a comparison. */
export interface CompareSettings
  extends Required<Pick<EvaluateOptions, 'cutoffs' | 'protocol' | 'warmUp' | 'tieRule' | 'excludeSeen'>>,
    SampleSettings {
  /** Folder of the dataset, as given by the user. */
  readonly data: string;
  readonly contenders: readonly Contender[];
  /** Empty: the seeds of the configurations. */
  readonly seeds: readonly number[];
  readonly split: HeldOut;
  readonly engineName: NamedEngine;
  /** Resamples for intervals and p-values; 0 for none. */
  readonly resamples: number;
  /** Threads of baselines; models use those of the engine. */
  readonly threads: number;
  /** Whether any two contenders are tested against each other. */
  readonly pairs: boolean;
  readonly gates: readonly Gate[];
  /** Whether trained models of other datasets are accepted. */
  readonly anyData: boolean;
  readonly command: string;
  readonly version: string;
}

/** Environment of a comparison. */
export interface CompareSurroundings {
  readonly engine: Engine;
  readonly directory: string;
  readonly stderr: Output;
}

/** Seed of the resamples, so that they are the same in every comparison of the same sessions. */
const RESAMPLING_SEED = 1;

/** Fits and evaluates all contenders, with progress on `stderr`. */
export async function compareOn(
  settings: CompareSettings,
  { engine, directory, stderr }: CompareSurroundings,
): Promise<ComparisonReport> {
  const dataset = await readDataset(resolve(directory, settings.data));
  const heldOut = splitOf(dataset, settings);
  const drawn = drawSample(heldOut, settings);
  stderr.write(tooLarge(settings, heldOut.sessionIds.length));
  const resolvePath = (file: string) => resolve(directory, file);
  const { anyData, gates, pairs } = settings;
  await checkContenders(settings.contenders, dataset, { resolvePath, anyData });
  const { cutoffs, protocol, warmUp, tieRule, excludeSeen, seeds, threads, resamples } = settings;
  const bootstrap = resamples === 0 ? undefined : { resamples, seed: RESAMPLING_SEED };
  const context = {
    dataset,
    engine,
    judged: { tieRule, cutoff: mainCutoff(cutoffs) },
    resolvePath,
    anyData,
    onEpoch: (name: string, record: Parameters<typeof formatEpoch>[0], epochs: number) => {
      stderr.write(`${printable(name)}: ${formatEpoch(record)} of ${epochs}\n`);
    },
  };
  const contenders = await runContenders(settings.contenders, context, drawn.sessions, {
    ...{ cutoffs, protocol, warmUp, tieRule, excludeSeen, seeds, threads },
    support: dataset.support,
    // In other cases intervals are computed from the ranks, like p-values.
    ...(protocol === 'remaining' && bootstrap ? { bootstrap } : {}),
    onRun: (name, run) => stderr.write(`${describeRun(name, run)}\n`),
  });
  const ofTraining = contenders.flatMap(({ name, runs }) =>
    runs.flatMap(({ warning }) => (warning === undefined ? [] : [`${name}: ${warning}`])),
  );
  const judged = evaluationWarnings(factsOf(contenders, dataset, settings)).map(({ message }) => message);
  const examples = await findExamples(contenders, {
    sessions: drawn.sessions,
    warmUp,
    place: cutoffs.indexOf(mainCutoff(cutoffs)),
    readLabels: () => readLabels(dataset, resolvePath(settings.data)),
  });
  const ranked = protocol === 'remaining' ? undefined : bootstrap;
  return buildReport(contenders, {
    title: titleOf(settings, drawn),
    origin: originOf(contenders, dataset, settings, drawn),
    warnings: [...judged, ...ofTraining],
    cutoffs,
    support: dataset.support,
    bootstrap,
    ...(examples && { examples }),
    ...(pairs && ranked ? { pairs: testPairs(contenders, { ...ranked, cutoff: mainCutoff(cutoffs) }) } : {}),
    ...(gates.length > 0 ? { gates: judgeGates(gates, contenders, ranked) } : {}),
  });
}

function titleOf({ contenders, data }: CompareSettings, { sample }: Sampled): string {
  const title = `${count(contenders.length, 'recommender')} on ${data}`;
  return sample ? `${title}, ${describeSample(sample)}` : title;
}

/** Titles of the items of a dataset; ids of those without. */
async function readLabels(dataset: SessionDataset, folder: string): Promise<(item: number) => string> {
  const info = await readItemInfoOfData(folder, dataset);
  return (item) => info?.at(item)?.title ?? dataset.itemIds.at(item) ?? '';
}

function describeRun(name: string, { seed, fitSeconds, evaluateSeconds, evaluation }: ContenderRun): string {
  const { results } = evaluation;
  const main = mainCutoff(results.map(({ cutoff }) => cutoff));
  const result = results.find(({ cutoff }) => cutoff === main);
  const seeded = seed === undefined ? '' : ` (seed ${seed})`;
  return (
    `${name}${seeded}: fit ${fitSeconds.toFixed(1)} s, evaluated in ${evaluateSeconds.toFixed(1)} s, ` +
    `recall@${result?.cutoff} ${result?.recall.toFixed(4)}, MRR ${result?.mrr.toFixed(4)}`
  );
}

function factsOf(
  contenders: readonly ContenderRuns[],
  dataset: SessionDataset,
  { split, data }: CompareSettings,
): EvaluationFacts {
  const firsts = contenders.flatMap(({ name, runs }) => (runs[0] ? [{ name, ...runs[0] }] : []));
  const tunedOn = firsts.flatMap(({ name, tunedOn: checksums }) =>
    checksums.map((checksum) => ({ name, checksum })),
  );
  return {
    predictions: firsts[0]?.evaluation.predictions ?? 0,
    ...(firsts[0] && { sessions: firsts[0].evaluation.sessions }),
    ...datasetFacts(dataset, split, splitOf(dataset, { split, data })),
    scorers: firsts.map(({ name, evaluation: { ties } }) => ({ name, ties })),
    tuning: { evaluated: splitChecksum(dataset, split), tunedOn },
  };
}

function originOf(
  contenders: readonly ContenderRuns[],
  { manifest, itemIds }: SessionDataset,
  settings: CompareSettings,
  { sample }: Sampled,
): ComparisonReport['origin'] {
  const { predictions = 0, sessions = 0 } = contenders[0]?.runs[0]?.evaluation ?? {};
  const { data, split, protocol, warmUp, tieRule, excludeSeen, seeds, resamples } = settings;
  return {
    dataset: data,
    checksum: manifest.checksum,
    split,
    predictions,
    sessions,
    ...(sample && { sample: describeSample(sample) }),
    items: itemIds.length,
    protocol,
    'warm-up': warmUp,
    'tie rule': tieRule,
    'seen items excluded': excludeSeen,
    seeds: seeds.length === 0 ? 'of the configurations' : seeds.join(', '),
    resamples,
    engine: settings.engineName,
    cores: availableParallelism(),
    node: process.version,
    version: settings.version,
    command: settings.command,
  };
}
