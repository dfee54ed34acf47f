import { resolve } from 'node:path';
import { evaluationWarnings } from '@gru4rec/metrics';
import { loadModel, type ModelConfig } from '@gru4rec/model';
import { readDataset, type SessionDataset } from '@gru4rec/sessions';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { commandLine } from '../command-line.ts';
import { type Comparison, compare } from '../comparison.ts';
import { chooseEngine, type EngineName, type NamedEngine } from '../engines.ts';
import { datasetFacts, type HeldOut, splitChecksum, splitOf, tiedTargets } from '../evaluation-facts.ts';
import {
  type EvaluationArguments,
  engineOption,
  integer,
  requiredText,
  threadsOption,
  withEvaluationOptions,
} from '../options.ts';
import { groupDigits, showEvaluation } from '../progress.ts';
import { formatResults } from '../results-table.ts';
import type { Terminal } from '../terminal.ts';
import { readVersion } from '../version.ts';

interface EvaluateArguments extends EvaluationArguments {
  model: string;
  data: string;
  baselines: boolean;
  bootstrap: number | undefined;
  json: boolean;
  engine: EngineName;
  threads: number | undefined;
}

/** `trainer evaluate`: how good a model is, beside simple baselines. */
export function evaluateCommand(
  terminal: Terminal,
  argv: readonly string[],
): CommandModule<object, EvaluateArguments> {
  return {
    command: 'evaluate',
    describe: 'Measure a model on held-out sessions, beside simple baselines',
    builder: describeOptions,
    handler: (args) => runEvaluate(args, terminal, argv),
  };
}

function describeOptions(yargs: Argv): Argv<EvaluateArguments> {
  return withEvaluationOptions(yargs)
    .usage(
      '$0 evaluate --model MODEL --data DATA [options]\n\nMeasures a model on held-out sessions, beside simple baselines.',
    )
    .option('model', requiredText('model', 'Folder that train wrote'))
    .option('data', requiredText('data', 'Folder that prepare wrote, with the items of the model'))
    .option('baselines', {
      type: 'boolean',
      default: true,
      describe: 'Evaluate POP, S-POP, item-KNN, SR and VSTAN too (--no-baselines: the model alone)',
    })
    .option('bootstrap', {
      type: 'string',
      requiresArg: true,
      describe: 'Resamples for 95 % confidence intervals by session, such as 1000',
      coerce: integer('bootstrap', 1),
    })
    .option('json', { type: 'boolean', default: false, describe: 'Answer with one JSON object' })
    .option('engine', engineOption)
    .option('threads', threadsOption)
    .example('$0 evaluate --model model --data data --cutoffs 1 5 10 20', '')
    .example('$0 evaluate --model model --data data --cutoffs 20 --json', '');
}

async function runEvaluate(
  args: ArgumentsCamelCase<EvaluateArguments>,
  { directory, stdout, stderr }: Terminal,
  argv: readonly string[],
): Promise<void> {
  const started = performance.now();
  const { data, split, bootstrap, cutoffs = [20] } = args;
  const { engine, name: engineName } = chooseEngine(args.engine, { threads: args.threads });
  const dataset = await readDataset(resolve(directory, data));
  const sessions = splitOf(dataset, args);
  const model = await loadModel(resolve(directory, args.model), { engine });
  const more = model.itemIds.length - dataset.itemIds.length;
  if (more > 0) {
    stderr.write(
      `The model knows ${groupDigits(more)} items more than the dataset: it ranks against all of them, baselines do not\n`,
    );
  }
  const progress = showEvaluation(stderr);
  let comparison: Comparison;
  try {
    comparison = compare(model, dataset, sessions, {
      cutoffs,
      protocol: args.protocol,
      warmUp: args.warmUp ?? 1,
      keepRanks: args.protocol !== 'remaining',
      tieRule: args.tieRule,
      excludeSeen: args.excludeSeen,
      baselines: args.baselines,
      ...(bootstrap === undefined ? {} : { bootstrap: { resamples: bootstrap, seed: model.config.seed } }),
      onProgress: progress.onProgress,
    });
  } finally {
    progress.stop();
    model.dispose();
  }
  const { config } = model;
  const warnings = warningsOf(comparison, { dataset, split, cutoffs, config });
  for (const warning of warnings) stderr.write(`Warning: ${warning}\n`);
  const origin = { argv, engine: engineName, split, config, dataset, warnings };
  stdout.write(`${args.json ? JSON.stringify(jsonAnswer(comparison, origin)) : formatResults(comparison)}\n`);
  const { predictions, sessions: count, tieRule } = comparison.model;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  stderr.write(
    `${groupDigits(predictions)} predictions in ${groupDigits(count)} sessions of the ${split} split, tie rule ${tieRule}, ${seconds} s\n`,
  );
}

/** What makes the figures worth less than they seem. */
function warningsOf(
  { model }: Comparison,
  {
    dataset,
    split,
    cutoffs,
    config,
  }: Pick<Origin, 'dataset' | 'split'> & { cutoffs: readonly number[]; config: ModelConfig },
): string[] {
  const { predictions, ranks, name } = model;
  const tuned = [{ name, checksum: config.tunedOn }];
  if (config.patience > 0) tuned.push({ name, checksum: splitChecksum(dataset, 'validation') });
  const evaluated = splitChecksum(dataset, split);
  const facts = {
    predictions,
    ...datasetFacts(dataset, split, splitOf(dataset, { data: dataset.directory, split })),
    ...(ranks ? { scorers: [{ name, equal: tiedTargets(model, Math.max(...cutoffs)) }] } : {}),
    tuning: { evaluated, tunedOn: tuned },
  };
  return evaluationWarnings(facts).map(({ message }) => message);
}

/** Where figures come from. */
interface Origin {
  readonly argv: readonly string[];
  readonly engine: NamedEngine;
  readonly split: HeldOut;
  readonly config: ModelConfig;
  readonly dataset: SessionDataset;
  readonly warnings: readonly string[];
}

function jsonAnswer({ model, baselines }: Comparison, origin: Origin): Record<string, unknown> {
  const { predictions, results, sessions, protocol, warmUp, tieRule, excludeSeen, excludedTargets } = model;
  return {
    predictions,
    results,
    sessions,
    split: origin.split,
    protocol,
    warmUp,
    tieRule,
    excludeSeen,
    excludedTargets,
    warnings: origin.warnings,
    baselines: baselines.map(({ name, results: ofBaseline }) => ({ name, results: ofBaseline })),
    dataset: origin.dataset.manifest.checksum,
    engine: origin.engine,
    seed: origin.config.seed,
    version: readVersion(),
    command: commandLine(origin.argv),
  };
}
