import { join } from 'node:path';
import { evaluate } from '@gru4rec/metrics';
import { type ModelConfig, parseConfig, type TrainingData, train } from '@gru4rec/model';
import {
  type ComparisonRow,
  type Contestant,
  type ContestOptions,
  measureContest,
  measureEach,
  type Turn,
} from '../contest.ts';
import { createMeasuredEngine, type EngineChoice } from '../engine-choice.ts';
import { type EventLog, makeEventLog, toTable, trainingDataOf, writeSessions } from '../event-log.ts';
import { peerOnThreads } from '../peers/contestants.ts';
import { lastEvent, numberOf, numbersOf } from '../peers/events.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';
import { type EpochRow, epochRows, goalOf } from './epoch-rows.ts';

const HELD_OUT = 500;
const WARM_UP_EVENTS = 4_000;

/** Measures whole training epochs. Ours and the peer, with one and two threads, take turns. */
export function measureEpochs(options: ContestOptions): Promise<ComparisonRow[]> {
  return measureEach(epochRows, options.only, (row) =>
    inTemporaryFolder('benchmark-epoch', (folder) => measureEpoch(row, folder, options)),
  );
}

async function measureEpoch(row: EpochRow, folder: string, options: ContestOptions): Promise<ComparisonRow> {
  const { name, items, peer } = row;
  const events = options.events ?? row.events;
  const log = makeEventLog({ items, events, heldOut: Math.min(HELD_OUT, Math.ceil(events / 50)) });
  const files = { train: join(folder, 'train.tsv'), test: join(folder, 'test.tsv') };
  writeSessions(files.train, log.train);
  writeSessions(files.test, log.test);
  const goal = goalOf(row, options.engine);
  const contest = { suite: 'epoch', name, unit: 'events/s', better: 'more', ...(goal && { goal }) } as const;
  const task = { task: 'train', ...files, config: parseConfig(row.config), warmUpEvents: WARM_UP_EVENTS };
  const peers = peerOnThreads(options.peerDirectory, peer, task, (lines) => {
    const [epoch, done] = [lastEvent(lines, 'epoch'), lastEvent(lines, 'done')];
    const seconds = numberOf(epoch, 'seconds');
    return {
      value: numberOf(epoch, 'events') / seconds,
      correctness: {
        ...numbersOf(epoch, ['loss']),
        ...numbersOf(done, ['recall', 'mrr']),
        stepsPerSecond: numberOf(epoch, 'steps') / seconds,
        ...numbersOf(epoch, ['events']),
      },
    };
  });
  return measureContest(contest, [await ours(row, log, options.engine), ...peers], options);
}

/** Our contestant, after one training run that is not counted. */
async function ours(row: EpochRow, log: EventLog, choice: EngineChoice): Promise<Contestant> {
  const config = parseConfig(row.config);
  const data = trainingDataOf(log);
  const contestant = { name: 'ours', take: () => trainOnce(data, log, config, choice) };
  await contestant.take();
  return contestant;
}

async function trainOnce(
  data: TrainingData,
  log: EventLog,
  config: ModelConfig,
  choice: EngineChoice,
): Promise<Turn> {
  const model = await train(data, config, { engine: createMeasuredEngine(choice) });
  try {
    const epoch = model.history.at(-1);
    const { results } = evaluate(model.scorer(), toTable(log.test), { cutoffs: [20], tieRule: 'standard' });
    return {
      value: epoch?.eventsPerSecond ?? Number.NaN,
      correctness: {
        loss: epoch?.loss ?? Number.NaN,
        recall: results[0]?.recall ?? Number.NaN,
        mrr: results[0]?.mrr ?? Number.NaN,
        stepsPerSecond: epoch?.stepsPerSecond ?? Number.NaN,
        events: epoch?.events ?? Number.NaN,
      },
    };
  } finally {
    model.dispose();
  }
}
