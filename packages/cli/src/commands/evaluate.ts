import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import {
  type Comparison,
  type DatasetFacts,
  describeSample,
  type EvaluationSource,
  type HeldOut,
  openEvaluation,
  sampleSettings,
  splitChecksum,
} from '@gru4rec/comparison';
import type { NamedEngine } from '@gru4rec/engines';
import { evaluationWarnings } from '@gru4rec/metrics';
import { Gru4Rec } from '@gru4rec/model';
import type { Recommender } from '@gru4rec/recommender';
import type { Argv } from 'yargs';
import { chooseEngine } from '../arguments/engines.ts';
import { expectFolder, expectRecommender } from '../arguments/folders.ts';
import {
  DEFAULT_CUTOFFS,
  engineOption,
  flag,
  folderArgument,
  requiredText,
  threadsOption,
  withEvaluationOptions,
} from '../arguments/options.ts';
import { ownMetrics } from '../arguments/own-metrics.ts';
import { loadRecommender } from '../arguments/read-inputs.ts';
import { RESAMPLES, tooLarge } from '../arguments/sample-size.ts';
import { reading } from '../terminal/describe-error.ts';
import { commandLine } from '../terminal/invocation.ts';
import { count, showEvaluation } from '../terminal/progress.ts';
import { formatResults } from '../terminal/results-table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { readVersion } from '../version.ts';
import type { ArgumentsOf, Command } from './command.ts';

type Arguments = ArgumentsOf<typeof describeOptions>;

/** `gru4rec evaluate`: measures a model on held-out sessions, and simple baselines with it. */
export const evaluateCommand: Command = { builder: describeOptions, handler: runEvaluate };

function describeOptions(yargs: Argv) {
  return withEvaluationOptions(yargs)
    .usage(
      '$0 evaluate MODEL --data DATA [options]\n\nMeasures a model on held-out sessions, beside simple baselines.',
    )
    .positional('model', folderArgument('model', 'Folder of the model, which train wrote or compare kept'))
    .option('data', requiredText('data', 'Folder that prepare wrote, with the items of the model'))
    .option('baselines', {
      type: 'boolean',
      default: true,
      describe:
        'Also evaluate POP, S-POP, item-KNN, SR and VSTAN (--no-baselines: only the model, with sessions read from disk as needed)',
    })
    .option('json', flag('Print one JSON object'))
    .option('engine', engineOption)
    .option('threads', threadsOption)
    .example('$0 evaluate model --data data --cutoffs 1 5 10 20', '')
    .example('$0 evaluate model --data data --cutoffs 20 --json', '')
    .example('$0 evaluate model --data data --metrics ./mine.mjs', '')
    .example('$0 evaluate model --data data --sample 10%', '');
}

async function runEvaluate(args: Arguments, terminal: Terminal, argv: readonly string[]): Promise<void> {
  const started = performance.now();
  const chosen = await chooseEngine(args.engine, args.threads);
  const [model, data] = [args.model, args.data].map((path) => resolve(terminal.directory, path)) as [
    string,
    string,
  ];
  await expectRecommender('MODEL', model);
  await expectFolder('--data', data, 'a dataset');
  const { split, baselines } = args;
  const source = await reading(data, () =>
    openEvaluation(data, { data: args.data, split, baselines, ...sampleSettings(args) }),
  );
  try {
    const { predictions, sessions, tieRule } = await evaluateOn(source, args, terminal, { argv, ...chosen });
    const { sample } = source;
    const of = sample ? `${args.split} split, ${describeSample(sample)}` : `${args.split} split`;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    terminal.stderr.write(
      `${count(predictions, 'prediction')} in ${count(sessions, 'session')} of the ${of}, tie rule ${tieRule}, ${seconds} s\n`,
    );
  } finally {
    await source.close();
  }
}

/** Evaluates and prints the figures. @returns those of the model. */
async function evaluateOn(
  source: EvaluationSource,
  args: Arguments,
  { directory, stdout, stderr }: Terminal,
  { argv, engine, name: engineName }: Awaited<ReturnType<typeof chooseEngine>> & Pick<Origin, 'argv'>,
): Promise<Comparison['model']> {
  const { split, cutoffs = DEFAULT_CUTOFFS } = args;
  const { dataset, sample } = source;
  stderr.write(tooLarge(args, source.sessions));
  const metrics = await ownMetrics(args, directory);
  const model = await loadRecommender(resolve(directory, args.model), { engine });
  const more = model.itemIds.length - dataset.itemIds.length;
  if (more > 0) {
    stderr.write(
      `The model knows ${count(more, 'item')} more than the dataset: it ranks against all of them, baselines do not\n`,
    );
  }
  const progress = showEvaluation(stderr);
  let comparison: Comparison;
  try {
    comparison = await source.evaluate(model, {
      cutoffs,
      protocol: args.protocol,
      tieRule: args.tieRule,
      excludeSeen: args.excludeSeen,
      threads: args.threads ?? availableParallelism(),
      ...metrics,
      ...(sample && { bootstrap: { resamples: RESAMPLES, seed: seedOf(model) ?? 1 } }),
      onProgress: progress.onProgress,
    });
  } finally {
    progress.stop();
    model.dispose();
  }
  const facts = await source.facts();
  const warnings = warningsOf(comparison, { dataset, split, recommender: model, facts });
  for (const warning of warnings) stderr.write(`Warning: ${warning}\n`);
  const origin = { argv, engine: engineName, split, sample, recommender: model, dataset, warnings };
  const note =
    sample &&
    `Figures of a ${describeSample(sample)}, with 95 % intervals by session; coverage counts only the lists of the sample.`;
  if (args.json) stdout.writeJson(jsonAnswer(comparison, origin));
  else stdout.write(`${formatResults(comparison, note)}\n`);
  return comparison.model;
}

/** The seed of a GRU4Rec. */
function seedOf(recommender: Recommender): number | undefined {
  return recommender instanceof Gru4Rec ? recommender.config.seed : undefined;
}

/** SHA-256 of the sessions by which hyper-parameters, the best epoch or a weight were chosen. */
function tunedOn(recommender: Recommender, dataset: Origin['dataset']): readonly string[] {
  if (!(recommender instanceof Gru4Rec)) return recommender.tunedOn;
  const { tunedOn: tuned, patience } = recommender.config;
  return [tuned, ...(patience > 0 ? [splitChecksum(dataset, 'validation')] : [])];
}

/** Warnings about the reliability of the figures. */
function warningsOf(
  { model }: Comparison,
  {
    dataset,
    split,
    recommender,
    facts,
  }: Pick<Origin, 'dataset' | 'split' | 'recommender'> & { facts: DatasetFacts },
): string[] {
  const { predictions, sessions, results, ties, name } = model;
  const tuned = tunedOn(recommender, dataset).map((checksum) => ({ name, checksum }));
  return evaluationWarnings({
    predictions,
    ...(results[0]?.interval && { sessions }),
    ...facts,
    scorers: [{ name, ties }],
    tuning: { evaluated: splitChecksum(dataset, split), tunedOn: tuned },
  }).map(({ message }) => message);
}

/** Origin of the figures. */
interface Origin {
  readonly argv: readonly string[];
  readonly engine: NamedEngine;
  readonly split: HeldOut;
  readonly sample: EvaluationSource['sample'];
  readonly recommender: Recommender;
  readonly dataset: EvaluationSource['dataset'];
  readonly warnings: readonly string[];
}

function jsonAnswer({ model, baselines }: Comparison, origin: Origin): Record<string, unknown> {
  const { predictions, results, sessions, protocol, warmUp, tieRule, excludeSeen, excludedTargets } = model;
  const targets = ({ warm, cold, types }: typeof model) => ({
    ...(warm && cold && { warm, cold }),
    ...(types && { types }),
  });
  return {
    predictions,
    results,
    ...targets(model),
    sessions,
    ...(origin.sample && { sample: origin.sample }),
    split: origin.split,
    protocol,
    warmUp,
    tieRule,
    excludeSeen,
    excludedTargets,
    warnings: origin.warnings,
    baselines: baselines.map(({ index, ...baseline }) => ({
      name: baseline.name,
      results: baseline.results,
      ...targets(baseline),
      bytes: baseline.bytes,
      ...(index && { index }),
    })),
    dataset: origin.dataset.manifest.checksum,
    engine: origin.engine,
    seed: seedOf(origin.recommender),
    version: readVersion(),
    command: commandLine(origin.argv),
  };
}
