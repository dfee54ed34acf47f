import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluate } from '@gru4rec/metrics';
import { type ModelConfig, parseConfig, type TrainingData, train } from '@gru4rec/model';
import type { ComparisonRow, Contestant, Turn } from '../comparison.ts';
import { createMeasuredEngine, type EngineChoice } from '../engine-choice.ts';
import { type EventLog, makeEventLog, toTable, trainingDataOf, writeSessions } from '../event-log.ts';
import { lastEvent, numberOf } from '../peers/events.ts';
import { type PeerProgram, peerProgram, runPeer } from '../peers/run-peer.ts';
import {
  type ContestOptions,
  measureContest,
  type Peers,
  peerContestants,
  peerThreads,
  withThreads,
} from './contest.ts';
import { type EpochRow, epochRows, goalOf } from './epoch-rows.ts';

const HELD_OUT = 500;
const WARM_UP_EVENTS = 4_000;

/** Measures whole training epochs. Ours and the peer, with one and two threads, take turns. */
export async function measureEpochs(options: ContestOptions): Promise<ComparisonRow[]> {
  const rows: ComparisonRow[] = [];
  for (const row of epochRows.filter(({ name }) => options.only.test(name))) {
    rows.push(await measureEpoch(row, options));
  }
  return rows;
}

async function measureEpoch(row: EpochRow, options: ContestOptions): Promise<ComparisonRow> {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-epoch-'));
  try {
    const events = options.events ?? row.events;
    const log = makeEventLog({
      items: row.items,
      events,
      heldOut: Math.min(HELD_OUT, Math.ceil(events / 50)),
    });
    const files = { train: join(folder, 'train.tsv'), test: join(folder, 'test.tsv') };
    writeSessions(files.train, log.train);
    writeSessions(files.test, log.test);
    const goal = goalOf(row, options.engine);
    const contest = {
      suite: 'epoch',
      name: row.name,
      unit: 'events/s',
      better: 'more' as const,
      ...(goal ? { goal } : {}),
    };
    return await measureContest(
      contest,
      await ours(row, log, options.engine),
      [peers(row, files, options)],
      options,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
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

function peers(
  { peer, config, peerConfig }: EpochRow,
  files: { readonly train: string; readonly test: string },
  { peerDirectory }: ContestOptions,
): Peers {
  const settings = { ...parseConfig(config), ...peerConfig };
  const program = peerProgram(peerDirectory, peer, `${peer}_gru4rec`);
  return peerContestants(peerDirectory, peer, (name) =>
    peerThreads.map((threads) => ({
      name: withThreads(name, threads),
      take: () => trainPeer(program, { task: 'train', ...files, config: settings, threads }),
    })),
  );
}

/** Trains one epoch with a peer, in a new process. */
async function trainPeer(
  program: PeerProgram,
  request: { readonly threads: number; readonly [key: string]: unknown },
): Promise<Turn> {
  const events = await runPeer(program, { ...request, warmUpEvents: WARM_UP_EVENTS });
  const epoch = lastEvent(events, 'epoch');
  const done = lastEvent(events, 'done');
  const seconds = numberOf(epoch, 'seconds');
  return {
    value: numberOf(epoch, 'events') / seconds,
    correctness: {
      loss: numberOf(epoch, 'loss'),
      recall: numberOf(done, 'recall'),
      mrr: numberOf(done, 'mrr'),
      stepsPerSecond: numberOf(epoch, 'steps') / seconds,
      events: numberOf(epoch, 'events'),
    },
  };
}
