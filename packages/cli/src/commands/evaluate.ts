import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import {
  describeSample,
  type EvaluatedModel,
  type EvaluationOptions,
  type EvaluationSource,
  evaluationReport,
  openEvaluation,
  type PartedEvaluation,
} from '@gru4rec/comparison';
import type { MetricOptions, Scorer } from '@gru4rec/metrics';
import { Gru4Rec, reorderForVariety } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import type { Recommender } from '@gru4rec/recommender';
import { evaluationOptions, ownMetrics, RESAMPLES, tooLarge } from '../arguments/evaluation.ts';
import { expectFolder, expectRecommender } from '../arguments/folders.ts';
import {
  type ArgumentsOf,
  argument,
  type Command,
  engineOptions,
  flag,
  modelPath,
  parsedTexts,
  required,
  text,
} from '../arguments/options.ts';
import { loadRecommender, vectorsFor } from '../arguments/read-inputs.ts';
import { shares } from '../arguments/values.ts';
import { chooseEngine } from '../engines/choose-engine.ts';
import { reading } from '../terminal/describe-error.ts';
import { commandLine, readVersion } from '../terminal/invocation.ts';
import { count, showEvaluation } from '../terminal/progress.ts';
import { writeComparison } from '../terminal/tables.ts';
import type { Terminal } from '../terminal/terminal.ts';

const options = {
  model: argument('MODEL', required(modelPath('Folder of the model, which train wrote or compare kept'))),
  ...evaluationOptions,
  data: required(text('Folder that prepare wrote, with the items of the model')),
  baselines: {
    ...flag(
      'Also evaluate POP, S-POP, item-KNN, SR and VSTAN (--no-baselines: only the model, with sessions read from disk as needed)',
    ),
    fallback: true,
  },
  parts: flag(
    'Instead of baselines: all parts of the scores, each by itself, all but each; weights stay as they were fitted',
  ),
  variety: parsedTexts(
    'Instead of baselines: lists mixed for variety, each value from 0 (not) to 1, with their intra-list distance',
    shares,
  ),
  json: flag('Print one JSON object'),
  ...engineOptions,
};

type Arguments = ArgumentsOf<typeof options>;

export const command: Command = {
  usage:
    '$0 evaluate MODEL --data DATA [options]\n\nMeasures a model on held-out sessions, beside simple baselines.',
  options,
  examples: [
    '--cutoffs 1 5 10 20',
    '--cutoffs 20 --json',
    '--metrics ./mine.mjs',
    '--sample 10%',
    '--parts',
    '--variety 0 0.2 0.5',
  ].map((example) => `model --data data ${example}`),
  run: runEvaluate,
};

async function runEvaluate(args: Arguments, terminal: Terminal, argv: readonly string[]): Promise<void> {
  const { directory, stdout, stderr } = terminal;
  const started = performance.now();
  if (args.parts && args.variety)
    throw new UsageError('--parts and --variety exclude each other: each lists other variants');
  const { engine, name: engineName } = await chooseEngine(args.engine, args);
  const data = resolve(directory, args.data);
  const model = resolve(directory, args.model);
  if (args.parts) await expectFolder('MODEL with --parts', model, 'a model');
  else await expectRecommender('MODEL', model);
  await expectFolder('--data', data, 'a dataset');
  const { split } = args;
  const baselines = args.baselines && !args.parts && !args.variety;
  const source = await reading(data, () =>
    openEvaluation(data, { data: args.data, split, baselines, sample: args.sample }),
  );
  try {
    const metrics = await ownMetrics(args, directory);
    const evaluated = await evaluateOn(source, args, terminal, { engine, metrics });
    const { sample, dataset } = source;
    const of = sample ? `${split} split, ${describeSample(sample)}` : `${split} split`;
    for (const warning of evaluated.warnings) stderr.write(`Warning: ${warning}\n`);
    if (args.json) {
      const origin = { engine: engineName, version: readVersion(), command: commandLine(argv) };
      stdout.writeJson({ ...jsonAnswer(evaluated, source, args), ...origin, split });
    } else {
      const title = `${args.model} on the ${of} of ${args.data}`;
      writeComparison(stdout, evaluationReport(evaluated, { title, ...metrics, support: dataset.support }));
    }
    const { predictions, sessions, tieRule } = evaluated.model.run.evaluation;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    stderr.write(
      `${count(predictions, 'prediction')} in ${count(sessions, 'session')} of the ${of}, tie rule ${tieRule}, ${seconds} s\n`,
    );
  } finally {
    await source.close();
  }
}

async function evaluateOn(
  source: EvaluationSource,
  args: Arguments,
  { directory, stderr }: Terminal,
  { engine, metrics }: { readonly engine: Engine; readonly metrics: MetricOptions },
): Promise<EvaluatedModel> {
  const { cutoffs, protocol, tieRule, excludeSeen } = args;
  stderr.write(tooLarge(args, source.sessions));
  const model = await loadRecommender(resolve(directory, args.model), { engine });
  const more = model.itemIds.length - source.dataset.itemIds.length;
  if (more > 0) {
    stderr.write(
      `The model knows ${count(more, 'item')} more than the dataset: it ranks against all of them, baselines do not\n`,
    );
  }
  const progress = showEvaluation(stderr);
  const seed = model instanceof Gru4Rec ? model.config.seed : 1;
  const evaluateBy = (variant: Variant) =>
    source.evaluate(model, {
      ...variant,
      cutoffs,
      protocol,
      tieRule,
      excludeSeen,
      ...metrics,
      threads: args.threads ?? availableParallelism(),
      bootstrap: source.sample && { resamples: RESAMPLES, seed },
      onProgress: progress.onProgress,
    });
  try {
    const [first = {}, ...others] = variantsOf(model, args, source.dataset);
    const evaluated = await evaluateBy(first);
    const baselines = [...evaluated.baselines];
    for (const variant of others) baselines.push((await evaluateBy(variant)).model);
    return { ...evaluated, baselines };
  } finally {
    progress.stop();
    model.dispose();
  }
}

type Variant = Pick<EvaluationOptions, 'scorer' | 'vectors' | 'reorder'>;

function variantsOf(
  model: Recommender,
  { parts, variety }: Arguments,
  dataset: EvaluationSource['dataset'],
): Variant[] {
  if (parts && model instanceof Gru4Rec) return scorersByParts(model, dataset).map((scorer) => ({ scorer }));
  if (!variety) return [];
  const vectors = vectorsFor('--variety', model);
  return variety.map((value) => ({
    scorer: { ...model.scorer(dataset.contextColumns), name: `variety ${value}` },
    vectors,
    reorder: value > 0 ? reorderForVariety({ variety: value, vectors }) : undefined,
  }));
}

/** By all parts, by each, and by all but each, which for two parts is the same. */
function scorersByParts(model: Gru4Rec, { contextColumns }: EvaluationSource['dataset']): Scorer[] {
  const { parts: all } = model.config;
  const by = (name: string, parts = all) => ({ ...model.scorer(contextColumns, { parts }), name });
  const others = all.map((part) =>
    by(
      `without ${part}`,
      all.filter((other) => other !== part),
    ),
  );
  return [by('all'), ...all.map((part) => by(part, [part])), ...(all.length > 2 ? others : [])];
}

function jsonAnswer(
  { model, baselines, warnings }: EvaluatedModel,
  { dataset, sample }: EvaluationSource,
  { parts, variety }: Arguments,
): Record<string, unknown> {
  const { seed, evaluation } = model.run;
  const { predictions, sessions, protocol, warmUp, tieRule, excludeSeen, excludedTargets } = evaluation;
  const listed = parts || variety ? [model, ...baselines] : baselines;
  const figures = ({ results, warm, cold, types, visitors }: PartedEvaluation) => ({
    results,
    warm,
    cold,
    types,
    visitors,
  });
  return {
    predictions,
    ...figures(evaluation),
    sessions,
    sample,
    protocol,
    warmUp,
    tieRule,
    excludeSeen,
    excludedTargets,
    warnings,
    [variety ? 'variety' : parts ? 'parts' : 'baselines']: listed.map(({ name, run }) => ({
      name,
      ...figures(run.evaluation),
      bytes: run.memoryMiB * 2 ** 20,
      index: run.index,
    })),
    dataset: dataset.manifest.checksum,
    seed,
  };
}
