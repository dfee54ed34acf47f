import { type BaselineName, baselineNames, createBaseline } from '@gru4rec/baselines';
import { UsageError } from '@gru4rec/checks';
import type { ItemIds } from '@gru4rec/dataset/ids';
import type { Scorer } from '@gru4rec/metrics';
import {
  addItems,
  alignItems,
  Gru4Rec,
  isFresh,
  Learner,
  type LearnerOptions,
  type ModelConfig,
  train,
} from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { indicesIn } from '../contenders/kind.ts';
import type { LogReader } from './replay-log.ts';

export interface Knowledge {
  readonly scorer: Scorer;
  /** [items of the log] the scorer's item index; −1 where it does not know the item. */
  readonly known: Int32Array;
}

/** It knows only clicks that the log reader has read. */
export interface ReplayContender {
  readonly name: string;
  /** Learns the clicks from place `from` up to the end of what was read. */
  learn(from: number): Promise<void>;
  /** What the contender knows now, if anything; valid until the next call of `learn`. */
  knowledge(): Promise<Knowledge | undefined>;
  dispose(): void;
}

export interface ContenderContext {
  readonly model: Gru4Rec;
  readonly engine: Engine;
  readonly reader: LogReader;
  readonly learner: Omit<LearnerOptions, 'engine'>;
}

const makers: Readonly<Record<string, (context: ContenderContext) => ReplayContender>> = {
  learner: learnerContender,
  frozen: frozenContender,
  nightly: nightlyContender,
};

/** Names of all contenders of a replay: ways to use the model, then baselines. */
export const replayContenders: readonly string[] = [...Object.keys(makers), ...baselineNames];

export function makeContender(name: string, context: ContenderContext): ReplayContender {
  const make = Object.hasOwn(makers, name) ? makers[name] : undefined;
  if (make) return make(context);
  if (baselineNames.includes(name as BaselineName)) return baselineContender(name as BaselineName, context);
  throw new UsageError(`--against expected names of ${replayContenders.join(', ')}, got ${name}`);
}

/** The model as it is. It learns nothing; with freshness, it counts clicks, also those of new items. */
function frozenContender({ model, engine, reader }: ContenderContext): ReplayContender {
  return { name: 'frozen', ...counting(model, engine, reader), dispose() {} };
}

function counting(
  original: Gru4Rec,
  engine: Engine,
  reader: LogReader,
): Pick<ReplayContender, 'learn' | 'knowledge'> {
  const { log } = reader;
  const { isFresh } = original;
  const model = isFresh ? withNewItems(original, log.itemIds, engine) : original;
  const indices = indicesIn(model, log.itemIds);
  const known = indicesIn(original, log.itemIds);
  return {
    async learn(from) {
      for (let place = from; isFresh && place < reader.end; place++) {
        const item = log.items[place] as number;
        known[item] = indices[item] as number;
        model.observe(known[item], log.timesMs[place] as number);
      }
    },
    async knowledge() {
      const last = log.timesMs[reader.end - 1];
      if (last !== undefined) model.renew(last);
      return { scorer: model.scorer(log.contextColumns), known };
    },
  };
}

/** With rows of zeros: new items are recommended by their freshness only. */
function withNewItems(model: Gru4Rec, itemIds: ItemIds, engine: Engine): Gru4Rec {
  const ids = [...itemIds].filter((id) => model.itemIds.indexOf(id) < 0);
  return new Gru4Rec({ ...addItems(model, { ids, features: new Int32Array() }), engine });
}

function learnerContender({ model, engine, reader, learner: options }: ContenderContext): ReplayContender {
  const learner = new Learner(model, { ...options, engine });
  const { log } = reader;
  const known = indicesIn(model, log.itemIds);
  const features = model.clicks?.translator(log.contextColumns ?? [])(log.context ?? new Int32Array());
  const perClick = model.clicks?.perClick ?? 0;
  return {
    name: 'learner',
    async learn(from) {
      for (let place = from; place < reader.end; place++) {
        const session = String(log.sessions[place]);
        const number = log.items[place] as number;
        const item = log.itemIds.at(number) as string;
        const clickFeatures = features?.subarray(place * perClick, (place + 1) * perClick);
        learner.learn([{ session, item, timeMs: log.timesMs[place] as number, features: clickFeatures }]);
        known[number] = learner.itemIds.indexOf(item);
      }
    },
    knowledge: async () => ({ scorer: learner.scorer(log.contextColumns), known }),
    dispose: () => learner.dispose(),
  };
}

const DAY_MS = 86_400_000;

/** Continues training for an epoch over all clicks read so far, at each midnight UTC. */
function nightlyContender({ model, engine, reader }: ContenderContext): ReplayContender {
  const { log } = reader;
  const values = valuesOfNight(model.config);
  let now = model;
  let counted = counting(now, engine, reader);
  let learntTo = 0;
  let night: number | undefined;
  return {
    name: 'nightly',
    async learn(from) {
      await counted.learn(from);
      const next = log.timesMs[reader.end];
      if (next === undefined || learntTo === reader.end) return;
      const day = Math.floor(next / DAY_MS);
      if (day === night || day === Math.floor((log.timesMs[reader.end - 1] as number) / DAY_MS)) return;
      night = day;
      learntTo = reader.end;
      const { data } = alignItems(now.itemIds, withoutUnseen(reader.trainingData()));
      now = await train(data, values, { engine, from: now, keepDiverged: true });
      counted = counting(now, engine, reader);
    },
    knowledge: () => counted.knowledge(),
    dispose() {},
  };
}

/** The model's values for one more epoch. Fits get held-out sessions where training had a validation split. */
function valuesOfNight(config: ModelConfig): ModelConfig {
  const columns = [...config.itemFeatures, ...config.itemVectors];
  if (columns.length > 0) {
    throw new UsageError(
      `--against nightly expected a model without features of items, got one with ${columns.join(', ')}`,
    );
  }
  if (config.holdOut > 0) return { ...config, nEpochs: 1 };
  const isFitted = config.parts.length > 1;
  const share = isFresh(config) ? 0.2 : 0.02;
  return { ...config, nEpochs: 1, patience: 0, holdOut: isFitted ? share : 0 };
}

/** Fitted to all clicks read so far each time that it predicts. */
function baselineContender(name: BaselineName, { reader }: ContenderContext): ReplayContender {
  return {
    name,
    learn: async () => {},
    async knowledge() {
      if (reader.end === 0) return undefined;
      const data = reader.trainingData();
      const known = data.support.map((count, item) => (count > 0 ? item : -1));
      return { scorer: createBaseline(name, data), known };
    },
    dispose() {},
  };
}

/** The data without items that no click has. */
function withoutUnseen(data: ReturnType<LogReader['trainingData']>) {
  const { itemIds, support, train: sessions, contextColumns } = data;
  const seen = Array.from(support.keys()).filter((item) => (support[item] as number) > 0);
  const index = new Int32Array(support.length);
  for (const [at, item] of seen.entries()) index[item] = at;
  return {
    itemIds: seen.map((item) => itemIds.at(item) as string),
    support: Int32Array.from(seen, (item) => support[item] as number),
    train: { ...sessions, items: sessions.items.map((item) => index[item] as number) },
    contextColumns,
  };
}
