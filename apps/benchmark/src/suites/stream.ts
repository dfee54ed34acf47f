import { join } from 'node:path';
import { atLeastTimes, type ComparisonRow, type Contestant, type Turn } from '../comparison.ts';
import { whole } from '../figures.ts';
import { ownProgram } from '../own-program.ts';
import { lastEvent, numberOf, numbersOf } from '../peers/events.ts';
import { runPeer } from '../peers/run-peer.ts';
import { writeSessionLog } from '../session-log.ts';
import { inTemporaryFolder } from '../temporary-folder.ts';
import { type ContestOptions, measureContest, measureEach } from './contest.ts';
import type { OwnTask, StreamTask } from './own-process.ts';

const EVENTS = 5_000_000;
const common = { loss: 'cross-entropy', nEpochs: 1, seed: 1, learningRate: 0.05 };
/** The usual step, and one so small that reading may limit its speed. */
const usual = { ...common, layers: [100], batchSize: 32, nSample: 2048, dropoutPHidden: 0.4, logq: 1 };
const small = { ...common, layers: [16], batchSize: 512, nSample: 64 };

const rows = [
  { name: 'small: 16 units, batch 512, 64 samples, in order of time', config: small },
  {
    name: 'small: 16 units, batch 512, 64 samples, shuffled',
    config: { ...small, sessionOrder: 'shuffled' },
  },
  { name: 'cross-entropy, 100 units, batch 32, 2,048 samples, in order of time', config: usual },
  {
    name: 'cross-entropy, 100 units, batch 32, 2,048 samples, shuffled',
    config: { ...usual, sessionOrder: 'shuffled' },
  },
];

/** Compares a training epoch on streamed sessions with one on the same sessions in memory, each in its own process. */
export async function measureStreams(options: ContestOptions): Promise<ComparisonRow[]> {
  if (!rows.some(({ name }) => options.only.test(name))) return [];
  return inTemporaryFolder('benchmark-stream', async (folder) => {
    const directory = join(folder, 'data');
    const events = options.events ?? EVENTS;
    await writeSessionLog(directory, events);
    return measureEach(rows, options.only, async ({ name: row, config }) => {
      const train = (streamed: boolean): Contestant => ({
        name: streamed ? 'streamed' : 'in memory',
        take: () => trainOnce({ directory, streamed, config, engine: options.engine }),
      });
      const name = `${row}, ${whole(events)} events`;
      const goal = atLeastTimes(0.98);
      const contest = { suite: 'stream', name, unit: 'events/s', better: 'more', goal } as const;
      return checkEqual(await measureContest(contest, [train(true), train(false)], options));
    });
  });
}

async function trainOnce(task: StreamTask): Promise<Turn> {
  const program = ownProgram(new URL('./own-process.ts', import.meta.url));
  const request: OwnTask = { task: 'stream', ...task };
  const events = await runPeer(program, { ...request, threads: task.engine.threads ?? 1 });
  const done = lastEvent(events, 'done');
  const figures = ['loss', 'events', 'parameters', 'openSeconds', 'cpuSeconds', 'mebibytes'];
  return { value: numberOf(done, 'eventsPerSecond'), correctness: numbersOf(done, figures) };
}

/** @throws Error if the two trained different parameters, so that the figures would not be comparable. */
function checkEqual(row: ComparisonRow): ComparisonRow {
  const [ours, ...peers] = [row.ours, ...row.peers].map(({ correctness }) => correctness['parameters']);
  if (peers.every((parameters) => parameters === ours)) return row;
  throw new Error(`stream: ${row.name}: streamed and in memory expected the same parameters, got others.`);
}
