import { UsageError } from '@gru4rec/checked-options';
import type { EngineName, KernelChoice } from '@gru4rec/engines';
import { type MetricName, metricNames } from '@gru4rec/metrics';
import type { Argv, Options } from 'yargs';
import { checkStorage } from '../tuning/open-study.ts';
import type { TuneSettings } from '../tuning/tune-on.ts';
import {
  engineOption,
  flag,
  folderArgument,
  integerOr,
  kernelsOption,
  optionalInteger,
  optionalText,
  requiredText,
  threadsOption,
} from './options.ts';
import { once } from './values.ts';

/** The arguments of `tune`. */
export interface TuneArguments {
  data: string;
  space: string;
  config: string | undefined;
  output: string;
  storage: string | undefined;
  study: string | undefined;
  trials: number;
  parallel: number | undefined;
  seed: number;
  sampler: TuneSettings['sampler'];
  pruner: TuneSettings['pruner'];
  metric: MetricName;
  split: undefined;
  json: boolean;
  engine: EngineName;
  kernels: KernelChoice;
  threads: number | undefined;
}

const searchOptions: Record<string, Options> = {
  trials: integerOr(50, 'trials', 1, 'Trials in all, including those of earlier runs and other processes'),
  parallel: optionalInteger(
    'parallel',
    1,
    'Trials at a time, each in its own process; as many as the cores have threads for if not given',
  ),
  seed: integerOr(42, 'seed', 0, 'Seed of the search and of every training'),
  sampler: {
    choices: ['tpe', 'random'],
    default: 'tpe',
    requiresArg: true,
    describe: 'How values are chosen: from the results of earlier trials (tpe), or at random',
  },
  pruner: {
    choices: ['median', 'none'],
    default: 'median',
    requiresArg: true,
    describe:
      'What ends a trial early: a value below the median of the others after the same epoch, or nothing',
  },
  metric: {
    choices: metricNames,
    default: 'mrr',
    requiresArg: true,
    describe: 'What to maximise, at 20 items',
  },
  split: { type: 'string', hidden: true, coerce: refuseSplit },
};

const options: Record<string, Options> = {
  space: requiredText(
    'space',
    'JSON file: hyper-parameter → {"type": "uniform" | "log-uniform" | "integer", "low", "high"}, {"type": "choice", "options"} or a value',
  ),
  config: optionalText('config', 'Preset or JSON file of the hyper-parameters that the space omits'),
  output: requiredText('output', 'Folder of the study, study.jsonl, and of best.json'),
  storage: {
    ...optionalText(
      'storage',
      'PostgreSQL database that stores the study instead, for processes on several machines: postgres://user@host/database, its password in PGPASSWORD or ~/.pgpass',
    ),
    coerce: (value: unknown) => (value === undefined ? undefined : checkStorage(once('storage')(value))),
  },
  study: optionalText('study', 'Name of the study in the database; that of the output folder if not given'),
  json: flag('Print one JSON object'),
  engine: engineOption,
  kernels: kernelsOption,
  threads: { ...threadsOption, describe: 'Threads of the engine in a trial; 1 if not given' },
};

/** Adds the options of `tune`. */
export function withTuneOptions(yargs: Argv): Argv<TuneArguments> {
  return yargs
    .usage(
      '$0 tune DATA --space SPACE.json --output STUDY [options]\n\nSearches hyper-parameters on the validation split; the test split is never read. The same command continues a study that was stopped.',
    )
    .positional(
      'data',
      folderArgument('data', 'Folder of the dataset, which prepare wrote with a validation split'),
    )
    .options({ ...searchOptions, ...options })
    .example('$0 tune data --space configs/spaces/cross-entropy.json --output study --trials 60', '')
    .example(
      '$0 tune data --space space.json --output study --storage postgres://ann@db/studies',
      'The same on each machine',
    )
    .example('$0 train data --config study/best.json --output model', '') as unknown as Argv<TuneArguments>;
}

/** Refuses to tune on the test split, after which its figures would be worthless. */
function refuseSplit(value: unknown): undefined {
  if (value === undefined) return undefined;
  throw new UsageError(
    `--split expected nothing, got ${once('split')(value)}: tune uses only the validation split, never the test split`,
  );
}
