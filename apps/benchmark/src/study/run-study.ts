import { join } from 'node:path';
import type { StudyReport, StudySection, StudyTuning } from '@gru4rec/report';
import { Cache } from './cache.ts';
import { codeVersion } from './code-version.ts';
import { type DataName, type DataSource, openStudyData, type StudyData } from './data-sets.ts';
import { type ClaimRuns, describeSection, type MethodResult } from './describe-section.ts';
import { FinalRuns, type TunedMethod, validationSample } from './final-runs.ts';
import { scoreOf, type Workshop } from './fit.ts';
import { type Method, methods } from './methods.ts';
import { tuneMethod } from './tune-method.ts';
import { writeConfigs } from './write-configs.ts';

/** A study to run. */
export interface StudySettings {
  readonly names: readonly DataName[];
  readonly source: DataSource;
  /** Hours of tuning for all methods and data sets together. */
  readonly budgetHours: number;
  readonly seeds: readonly number[];
  /** Folder of the cache and of the results. */
  readonly output: string;
  readonly workshop: Workshop;
  /** Processor, kernels, threads and Node, for the report. */
  readonly origin: StudySection['origin'];
  readonly say: (line: string) => void;
}

/** Whole seconds of tuning for each method that has something to tune, on each data set. */
function budgetPerMethod({ budgetHours, names }: Pick<StudySettings, 'budgetHours' | 'names'>): number {
  const tunable = methods.filter(({ space }) => space !== undefined).length;
  return Math.ceil((3600 * budgetHours) / (names.length * tunable));
}

/**
 * Tunes, fits and evaluates all methods on all data sets. What an earlier run finished is read from the cache.
 *
 * @throws the reason of the signal when it aborts.
 */
export async function runStudy(settings: StudySettings): Promise<StudyReport> {
  const code = codeVersion();
  const sections: StudySection[] = [];
  for (const name of settings.names) sections.push(await studyOne(name, code, settings));
  return { sections };
}

/** The result of a method, and what it was tuned to. */
type TunedResult = MethodResult & TunedMethod & { readonly tuning: StudyTuning };

async function studyOne(name: DataName, code: string, settings: StudySettings): Promise<StudySection> {
  const { output, source, say, seeds, workshop } = settings;
  const folder = join(output, name);
  say(`${name}: preparing`);
  const data = await openStudyData(name, source, { folder, cache: new Cache(folder, { name, code }) });
  const cache = new Cache(folder, { name, code, data: data.checksum });
  const finals = new FinalRuns(data, cache, workshop);
  const results: TunedResult[] = [];
  for (const method of methods) {
    const { values, ...tuning } = await tuneOne(method, data, cache, settings);
    const tuned = { method, values };
    const runs = [];
    for (const seed of seedsOf(method, seeds)) runs.push(await finals.run(tuned, seed));
    results.push({ ...tuned, title: method.title, family: method.family, tuning, runs });
    say(`${name}: ${method.title} ${describeTuning(tuning)}`);
  }
  const mixed = await mixBest(results, finals, seeds);
  say(`${name}: ${mixed.title}`);
  await writeConfigs(join(output, 'configs'), data, results);
  const described = describeSection(data, [...results, mixed], await claimRuns(results, finals, seeds));
  const origin = {
    ...settings.origin,
    seeds: seeds.join(', '),
    'code (SHA-256)': code,
  };
  return { ...described, tuningSeconds: budgetPerMethod(settings), origin };
}

function tuneOne(method: Method, data: StudyData, cache: Cache, settings: StudySettings) {
  const budgetSeconds = budgetPerMethod(settings);
  const { workshop, say } = settings;
  const of = { method: method.id, defaults: method.defaults, space: method.space, budgetSeconds };
  return cache.get('tuned', of, () => {
    say(`${data.name}: tuning ${method.title}`);
    const study = cache.pathOf(`study-${method.id}`, of);
    const heldOut = validationSample(data);
    return tuneMethod(method, { data: data.tune, heldOut, budgetSeconds, cache, study, workshop });
  });
}

function describeTuning({ tuned, untuned, screened, full }: StudyTuning): string {
  const pair = ({ recall, mrr }: typeof tuned) => `${recall.toFixed(4)} / ${mrr.toFixed(4)}`;
  return `validation ${pair(untuned)} → ${pair(tuned)} in ${screened} + ${full} trials`;
}

function seedsOf({ seeded }: Method, seeds: readonly number[]): readonly number[] {
  return seeded ? seeds : seeds.slice(0, 1);
}

/** The best of a family on validation. */
function bestOf(results: readonly TunedResult[], family: Method['family']): TunedResult {
  const [found] = results
    .filter((result) => result.family === family)
    .sort((a, b) => scoreOf(b.tuning.tuned) - scoreOf(a.tuning.tuned));
  if (!found) throw new Error(`expected a ${family} among the methods`);
  return found;
}

/** What the claim is about, with the runs without repeats in the lists: the best GRU4Rec on validation, and item-KNN. */
async function claimRuns(
  results: readonly TunedResult[],
  finals: FinalRuns,
  seeds: readonly number[],
): Promise<ClaimRuns> {
  const baseline = results.find(({ method }) => method.id === 'item-knn');
  if (!baseline) throw new Error('expected item-knn among the methods');
  const withoutRepeats = async (result: TunedResult): Promise<ClaimRuns['model']> => {
    const unseen = [];
    for (const seed of seedsOf(result.method, seeds)) unseen.push(await finals.unseen(result, seed));
    return { result, unseen };
  };
  return {
    model: await withoutRepeats(bestOf(results, 'gru4rec')),
    baseline: await withoutRepeats(baseline),
  };
}

/** The best GRU4Rec on validation, mixed with the best baseline. */
async function mixBest(
  results: readonly TunedResult[],
  finals: FinalRuns,
  seeds: readonly number[],
): Promise<MethodResult> {
  const [model, baseline] = [bestOf(results, 'gru4rec'), bestOf(results, 'baseline')];
  const weight = await finals.weight(model, baseline);
  const runs = [];
  for (const seed of seeds) runs.push(await finals.mixed(model, baseline, weight, seed));
  const share = (part: number) => part.toFixed(1);
  return {
    title: `${model.title} + ${baseline.title} (${share(weight)} : ${share(1 - weight)})`,
    family: 'mix',
    runs,
  };
}
