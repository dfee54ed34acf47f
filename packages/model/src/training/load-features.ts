import type { SessionArrays } from '@gru4rec/batcher';
import { show, showNames } from '@gru4rec/checks';
import { ConfigError, type ModelConfig } from '../config.ts';
import type { Gru4Rec } from '../gru4rec.ts';
import {
  type ClickColumn,
  ClickEncoder,
  type ClickVocabulary,
  clickShape,
} from '../programs/click-features.ts';
import type { TrainOptions } from './train-options.ts';
import { areOnDisk, type PreparedData, type TrainedFeatures, type TrainingData } from './training-data.ts';

/** The features and vectors of a training's items. A model that it continues gives the vocabulary. */
export async function loadFeatures(
  { itemFeatures: load, itemIds }: TrainingData,
  { itemFeatures: columns, itemVectors, itemFeatureScale: scale }: ModelConfig,
  from: Gru4Rec | undefined,
): Promise<TrainedFeatures | undefined> {
  if (columns.length === 0 && itemVectors.length === 0) return undefined;
  const encoded = await load?.(columns, from?.vocabulary, itemVectors);
  if (!encoded) {
    const key = columns.length > 0 ? 'itemFeatures' : 'itemVectors';
    throw new ConfigError(
      `configuration: "${key}" expected a dataset with an items file, got one without. ` +
        `Prepare it with the file of items, or set ${key} to []`,
    );
  }
  const { count, perItem, table, width = 0, vectors } = encoded;
  const expected = itemIds.length * perItem;
  if ((columns.length > 0 && count === 0) || table.length !== expected) {
    throw new RangeError(
      `train: "itemFeatures" expected features and ${expected} places, got ${count} and ${table.length}`,
    );
  }
  if ((vectors?.length ?? 0) !== itemIds.length * width || width > 0 !== itemVectors.length > 0) {
    throw new RangeError(
      `train: "itemVectors" expected ${itemIds.length} vectors, got ${vectors?.length ?? 0} numbers of width ${width}`,
    );
  }
  return { ...encoded, scale, vectors: width > 0 ? vectors : undefined };
}

/**
 * Replaces the context by what steps read of it: the features of `clickFeatures`, [events × K], with `targetTypes` followed by
 * 1 for an event of one of the types, else 0; none without either. A continued model keeps its vocabulary, in which a value that
 * is new since then is no feature; a new one has the values of the training clicks.
 */
export async function withClickFeatures(
  data: TrainingData,
  config: ModelConfig,
  options: TrainOptions,
): Promise<{ readonly data: PreparedData; readonly options: TrainOptions }> {
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
      clicks: vocabulary && { ...clickShape(vocabulary), scale },
      clickVocabulary: vocabulary,
    },
    options: {
      ...options,
      validation: validation && translated(validation, translate),
      monitor: monitor && translated(monitor, translate),
    },
  };
}

function checkColumn(name: string, columns: readonly ClickColumn[]): void {
  if (columns.some((column) => column.name === name)) return;
  const got = showNames(columns.map(({ name }) => show(name)));
  throw new ConfigError(
    `configuration: "clickFeatures" expected columns that the dataset keeps of clicks, got ${JSON.stringify(name)}, ` +
      (got === '' ? 'and it keeps none. ' : `and it keeps ${got}. `) +
      'Prepare it with the column of event types or context',
  );
}

type Translate = ((context: Int32Array) => Int32Array) | undefined;

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
    const values = features?.(context) ?? new Int32Array();
    const perClick = targets.length === 0 ? 0 : values.length / targets.length;
    const joined = new Int32Array(values.length + targets.length);
    for (const [event, target] of targets.entries()) {
      const at = event * (perClick + 1);
      joined.set(values.subarray(event * perClick, (event + 1) * perClick), at);
      joined[at + perClick] = target;
    }
    return joined;
  };
}

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
          ? 'It keeps none: prepare it with the column of event types'
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

async function learnVocabulary(
  { train }: TrainingData,
  names: readonly string[],
  columns: readonly ClickColumn[],
): Promise<ClickVocabulary> {
  const seen = columns.map(({ values }) => new Uint8Array(values.length));
  const count = ({ context = new Int32Array() }: SessionArrays): void => {
    for (let at = 0; at < context.length; at++) {
      const value = context[at];
      const counts = seen[at % columns.length];
      if (counts && value >= 0) counts[value] = 1;
    }
  };
  if (areOnDisk(train)) for (const index of train.blocks.keys()) count(await train.read(index));
  else count(train);
  return {
    columns: names.map((name) => {
      const at = columns.findIndex((column) => column.name === name);
      const { values = [], isType } = columns[at] ?? {};
      const known = values.filter((_, value) => seen[at]?.[value] === 1);
      return { name, values: known, isType };
    }),
  };
}
