import { resolve } from 'node:path';
import { TIE_RULES, type TieRule } from '@gru4rec/metrics';
import { loadModel, type ModelConfig } from '@gru4rec/model';
import { readDataset, type SessionDataset, type SessionTable } from '@gru4rec/sessions';
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs';
import { type Comparison, compare } from '../comparison.ts';
import { createEngine, type EngineName } from '../engines.ts';
import { engineOption, integer, integers, requiredText, threadsOption } from '../options.ts';
import { groupDigits, showEvaluation } from '../progress.ts';
import { formatResults } from '../results-table.ts';
import type { Terminal } from '../terminal.ts';
import { readVersion } from '../version.ts';

interface EvaluateArguments {
  model: string;
  data: string;
  cutoffs: readonly number[] | undefined;
  'tie-rule': TieRule;
  split: 'test' | 'validation';
  'exclude-seen': boolean;
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
  return yargs
    .usage(
      '$0 evaluate --model MODEL --data DATA [options]\n\nMeasures a model on held-out sessions, beside simple baselines.',
    )
    .option('model', requiredText('model', 'Folder that train wrote'))
    .option('data', requiredText('data', 'Folder that prepare wrote, with the items of the model'))
    .option('cutoffs', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'Lengths of the recommendation lists; 20 if not given',
      coerce: integers('cutoffs', 1),
    })
    .option('tie-rule', {
      choices: TIE_RULES,
      default: 'standard' as TieRule,
      requiresArg: true,
      describe: 'Rank among equal scores: before them, behind them, in their middle',
    })
    .option('split', {
      choices: ['test', 'validation'] as const,
      default: 'test' as const,
      requiresArg: true,
      describe: 'Which sessions of the dataset',
    })
    .option('exclude-seen', {
      type: 'boolean',
      default: false,
      describe: 'Leave the items of a session out of its lists',
    })
    .option('baselines', {
      type: 'boolean',
      default: true,
      describe: 'Evaluate POP, S-POP and item-KNN too (--no-baselines: the model alone)',
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
  const { data, split, bootstrap } = args;
  const engine = createEngine(args.engine, { threads: args.threads });
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
      cutoffs: args.cutoffs ?? [20],
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
  const origin = { argv, engine: args.engine, split, config: model.config, dataset };
  stdout.write(`${args.json ? JSON.stringify(jsonAnswer(comparison, origin)) : formatResults(comparison)}\n`);
  const { predictions, sessions: count, tieRule } = comparison.model;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  stderr.write(
    `${groupDigits(predictions)} predictions in ${groupDigits(count)} sessions of the ${split} split, tie rule ${tieRule}, ${seconds} s\n`,
  );
}

/** @throws Error if the dataset lacks the split. */
function splitOf(
  dataset: SessionDataset,
  { data, split }: Pick<EvaluateArguments, 'data' | 'split'>,
): SessionTable {
  const table = dataset[split];
  if (table) return table;
  const wanted = split === 'test' ? '--test-input or --test-days' : '--validation-days';
  throw new Error(`The dataset ${data} has no ${split} split. Prepare it with ${wanted}`);
}

/** Where figures come from. */
interface Origin {
  readonly argv: readonly string[];
  readonly engine: EngineName;
  readonly split: string;
  readonly config: ModelConfig;
  readonly dataset: SessionDataset;
}

function jsonAnswer({ model, baselines }: Comparison, origin: Origin): Record<string, unknown> {
  const { predictions, results, sessions, tieRule, excludeSeen, excludedTargets } = model;
  return {
    predictions,
    results,
    sessions,
    split: origin.split,
    tieRule,
    excludeSeen,
    excludedTargets,
    baselines: baselines.map(({ name, results: ofBaseline }) => ({ name, results: ofBaseline })),
    dataset: origin.dataset.manifest.checksum,
    engine: origin.engine,
    seed: origin.config.seed,
    version: readVersion(),
    command: ['trainer', ...origin.argv].join(' '),
  };
}
