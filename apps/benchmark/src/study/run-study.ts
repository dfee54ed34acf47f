import { join } from 'node:path';
import type { StudyReport, StudySection } from '@gru4rec/report';
import { Cache } from './cache.ts';
import { codeVersion } from './code-version.ts';
import { type DataName, type DataSource, openStudyData, type StudyData } from './data-sets.ts';
import { describeSection, type MethodResult } from './describe-section.ts';
import { FinalRuns, type TunedMethod, validationSample } from './final-runs.ts';
import { scoreOf, type Workshop } from './fit.ts';
import { type Method, methods } from './methods.ts';
import { tuneMethod } from './tune-method.ts';
import { writeConfigs } from './write-configs.ts';

/** A study to run. */
export interface StudySettings {
  readonly names: readonly DataName[];
  readonly source: DataSource;
  /** Of tuning, in all. */
  readonly budgetHours: number;
  readonly seeds: readonly number[];
  /** Folder of the cache and of the results. */
  readonly output: string;
  readonly workshop: Workshop;
  /** What the figures were computed with, for the report. */
  readonly origin: StudyReport['origin'];
  readonly say: (line: string) => void;
}

/** Seconds of tuning for each method that has something to tune, on each data set. */
function budgetPerMethod({ budgetHours, names }: Pick<StudySettings, 'budgetHours' | 'names'>): number {
  const tunable = methods.filter(({ space }) => space !== undefined).length;
  return (3600 * budgetHours) / (names.length * tunable);
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
  const seconds = budgetPerMethod(settings);
  return {
    title: `Session-based recommendation on ${settings.names.join(', ')}`,
    origin: {
      ...settings.origin,
      seeds: settings.seeds.join(', '),
      'tuning budget': `${settings.budgetHours} h: ${seconds.toFixed(0)} s per method and data set`,
      'code (SHA-256)': code,
    },
    sections,
  };
}

async function studyOne(name: DataName, code: string, settings: StudySettings): Promise<StudySection> {
  const { output, source, say, seeds, workshop } = settings;
  const folder = join(output, name);
  say(`${name}: preparing`);
  const data = await openStudyData(name, source, { folder, cache: new Cache(folder, { name, code }) });
  const cache = new Cache(folder, { name, code, data: data.checksum });
  const finals = new FinalRuns(data, cache, workshop);
  const results: MethodResult[] = [];
  for (const method of methods) {
    const tuning = await tuneOne(method, data, cache, settings);
    const tuned = { method, values: tuning.values };
    const runs = [];
    for (const seed of method.seeded ? seeds : seeds.slice(0, 1)) runs.push(await finals.run(tuned, seed));
    results.push({ ...tuned, title: method.title, family: method.family, tuning, runs });
    say(`${name}: ${method.title} ${describeTuning(tuning)}`);
  }
  const mixed = await mixBest(results, finals, seeds);
  say(`${name}: ${mixed.title}`);
  await writeConfigs(join(output, 'configs'), data, results);
  return describeSection(data, [...results, mixed]);
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

function describeTuning({
  figures,
  defaultFigures,
  screened,
  full,
}: MethodResult['tuning'] & object): string {
  const pair = ({ recall, mrr }: typeof figures) => `${recall.toFixed(4)} / ${mrr.toFixed(4)}`;
  return `validation ${pair(defaultFigures)} → ${pair(figures)} in ${screened} + ${full} trials`;
}

/** The best GRU4Rec on validation, mixed with the best baseline. */
async function mixBest(
  results: readonly MethodResult[],
  finals: FinalRuns,
  seeds: readonly number[],
): Promise<MethodResult> {
  const best = (family: Method['family']): MethodResult & TunedMethod => {
    const [found] = results
      .filter((result) => result.family === family)
      .sort((a, b) => scoreOf(b.tuning?.figures ?? NONE) - scoreOf(a.tuning?.figures ?? NONE));
    if (!found?.method || !found.values) throw new Error(`expected a ${family} among the methods`);
    return found as MethodResult & TunedMethod;
  };
  const [model, baseline] = [best('gru4rec'), best('baseline')];
  const { weight } = await finals.weight(model, baseline);
  const runs = [];
  for (const seed of seeds) runs.push(await finals.mixed(model, baseline, weight, seed));
  const share = (part: number) => part.toFixed(1);
  return {
    title: `${model.title} + ${baseline.title} (${share(weight)} : ${share(1 - weight)})`,
    family: 'mix',
    runs,
  };
}

const NONE = { recall: 0, mrr: 0 };
