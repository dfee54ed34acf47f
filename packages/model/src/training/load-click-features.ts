import type { SessionArrays } from '@gru4rec/batcher';
import { show, showNames } from '@gru4rec/checked-options';
import { ConfigError, type ModelConfig } from '../config.ts';
import {
  type ClickColumn,
  ClickEncoder,
  type ClickVocabulary,
  clickShape,
} from '../programs/click-features.ts';
import type { TrainOptions } from './train-options.ts';
import { areOnDisk, type TrainedClicks, type TrainingData } from './training-data.ts';

/** Data and options of a training whose sessions have the features of clicks, if any, as context. */
export interface WithClicks<Data> {
  readonly data: Data & { readonly clicks?: TrainedClicks };
  readonly options: TrainOptions;
  readonly vocabulary: ClickVocabulary | undefined;
}

/**
 * Replaces the context of all sessions by what steps read of it: the features of `clickFeatures`, [events × K], with
 * `targetTypes` followed by 1 for an event of one of the types, else 0. Without either, sessions have no context.
 *
 * A training that continues a model keeps its vocabulary: a value that is new since then is no feature. A new vocabulary
 * has the values of the training clicks.
 *
 * @throws ConfigError if the data lack a column, or have no event types.
 */
export async function withClickFeatures<Data extends TrainingData>(
  data: Data,
  config: ModelConfig,
  options: TrainOptions,
): Promise<WithClicks<Data>> {
  const { clickFeatures, clickFeatureScale: scale, targetTypes } = config;
  const columns = data.contextColumns ?? [];
  for (const name of clickFeatures) checkColumn(name, columns);
  const vocabulary =
    clickFeatures.length > 0
      ? (options.from?.clickVocabulary ?? (await learnVocabulary(data, clickFeatures, columns)))
      : undefined;
  const translate = contextOf(columns, vocabulary, targetTypes);
  const ofTargets = Number(targetTypes.length > 0);
  const width = clickFeatures.length + ofTargets;
  const { validation, monitor } = options;
  return {
    data: {
      ...data,
      train: translatedTrain(data.train, translate, width),
      ...(vocabulary && { clicks: { ...clickShape(vocabulary), scale } }),
    },
    options: {
      ...options,
      ...(validation && { validation: translated(validation, translate) }),
      ...(monitor && { monitor: { ...monitor, sessions: translated(monitor.sessions, translate) } }),
    },
    vocabulary,
  };
}

/** The context columns in which a model of this configuration finds what it reads. */
function checkColumn(name: string, columns: readonly ClickColumn[]): void {
  if (columns.some((column) => column.name === name)) return;
  const got = showNames(columns.map(({ name }) => show(name)));
  throw new ConfigError(
    `configuration: "clickFeatures" expected columns that the dataset keeps of clicks, got ${JSON.stringify(name)}, ` +
      (got === '' ? 'and it keeps none. ' : `and it keeps ${got}. `) +
      'Prepare it with option "eventColumn" or option "contextColumns"',
  );
}

type Translate = ((context: Int32Array) => Int32Array) | undefined;

/** What gives the context that steps read; undefined if they read none. */
function contextOf(
  columns: TrainingData['contextColumns'] = [],
  vocabulary: ClickVocabulary | undefined,
  targetTypes: readonly string[],
): Translate {
  const features = vocabulary && new ClickEncoder(vocabulary).translator(columns);
  if (targetTypes.length === 0) return features;
  const isTarget = targetsOf(columns, targetTypes);
  return (context) => {
    const targets = isTarget(context);
    const own = features?.(context) ?? new Int32Array();
    const perClick = targets.length === 0 ? 0 : own.length / targets.length;
    const joined = new Int32Array(own.length + targets.length);
    for (const [event, target] of targets.entries()) {
      const at = event * (perClick + 1);
      joined.set(own.subarray(event * perClick, (event + 1) * perClick), at);
      joined[at + perClick] = target;
    }
    return joined;
  };
}

/** What says of each event whether it is of one of the types. */
function targetsOf(
  columns: NonNullable<TrainingData['contextColumns']>,
  targetTypes: readonly string[],
): (context: Int32Array) => Int32Array {
  const at = columns.findIndex(({ isType }) => isType);
  const { values = [] } = columns[at] ?? {};
  const absent = targetTypes.filter((type) => !values.includes(type));
  if (absent.length > 0) {
    const got = showNames(values.map(show));
    throw new ConfigError(
      `configuration: "targetTypes" expected types of the dataset's clicks${got === '' ? '' : `, ${got}`}, got ${JSON.stringify(absent[0])}. ` +
        (got === ''
          ? 'It keeps none: prepare it with option "eventColumn"'
          : 'Correct the type, or leave it out'),
    );
  }
  const isTarget = Int32Array.from(values, (value) => Number(targetTypes.includes(value)));
  return (context) =>
    Int32Array.from({ length: context.length / columns.length }, (_, event) => {
      const value = context[event * columns.length + at] ?? -1;
      return value < 0 ? 0 : (isTarget[value] ?? 0);
    });
}

/** @param width - C of the translated context. */
function translatedTrain(
  train: TrainingData['train'],
  translate: Translate,
  width: number,
): TrainingData['train'] {
  if (!areOnDisk(train)) return translated(train, translate);
  if (width === 0 && !train.contextWidth) return train;
  const read = async (index: number) => translated(await train.read(index), translate);
  return { ...train, contextWidth: width, read };
}

function translated<Sessions extends SessionArrays>(sessions: Sessions, translate: Translate): Sessions {
  const { context, ...rest } = sessions;
  if (!translate) return context ? (rest as Sessions) : sessions;
  return { ...rest, context: translate(context ?? new Int32Array()) } as Sessions;
}

/** A vocabulary with the values of columns that training clicks have. */
async function learnVocabulary(
  { train }: TrainingData,
  names: readonly string[],
  columns: readonly ClickColumn[],
): Promise<ClickVocabulary> {
  const seen = columns.map(({ values }) => new Uint8Array(values.length));
  const count = ({ context = new Int32Array() }: SessionArrays): void => {
    for (let at = 0; at < context.length; at++) {
      const value = Number(context[at]);
      const own = seen[at % columns.length];
      if (own && value >= 0) own[value] = 1;
    }
  };
  if (areOnDisk(train)) for (const index of train.blocks.keys()) count(await train.read(index));
  else count(train);
  return {
    columns: names.map((name) => {
      const at = columns.findIndex((column) => column.name === name);
      const { values = [], isType } = columns[at] ?? {};
      const known = values.filter((_, value) => seen[at]?.[value] === 1);
      return { name, values: known, ...(isType && { isType }) };
    }),
  };
}
