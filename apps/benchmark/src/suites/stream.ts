import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ComparisonRow, Contestant, Turn } from '../comparison.ts';
import { lastEvent, numberOf } from '../peers/events.ts';
import { runPeer } from '../peers/run-peer.ts';
import { writeSessionLog } from '../session-log.ts';
import { type ContestOptions, measureContest } from './contest.ts';
import type { StreamRequest } from './stream-process.ts';

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
  const wanted = rows.filter(({ name }) => options.only.test(name));
  if (wanted.length === 0) return [];
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-stream-'));
  try {
    const directory = join(folder, 'data');
    const events = options.events ?? EVENTS;
    await writeSessionLog(directory, events);
    const measured: ComparisonRow[] = [];
    for (const { name, config } of wanted) {
      const train = (streamed: boolean): Contestant => ({
        name: streamed ? 'streamed' : 'in memory',
        take: () => trainOnce({ directory, streamed, config, engine: options.engine }),
      });
      const contest = {
        suite: 'stream',
        name: `${name}, ${events.toLocaleString('en-US')} events`,
        unit: 'events/s',
        better: 'more' as const,
        goal: { bound: 0.98, text: '≥ 0.98×' },
      };
      const peers = [{ contestants: [train(false)], missing: [] }];
      measured.push(checkEqual(await measureContest(contest, train(true), peers, options)));
    }
    return measured;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function trainOnce(request: StreamRequest): Promise<Turn> {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const script = fileURLToPath(new URL('stream-process.ts', import.meta.url));
  const words = ['--import', tsx, '--conditions=@gru4rec/source', script];
  const threads = request.engine.threads ?? 1;
  const events = await runPeer({ file: process.execPath, words }, { ...request, threads });
  const done = lastEvent(events, 'done');
  const figures = ['loss', 'events', 'parameters', 'openSeconds', 'cpuSeconds', 'mebibytes'] as const;
  const correctness = Object.fromEntries(figures.map((name) => [name, numberOf(done, name)]));
  return { value: numberOf(done, 'eventsPerSecond'), correctness };
}

/** @throws Error if the two trained different parameters, so that the figures would not be comparable. */
function checkEqual(row: ComparisonRow): ComparisonRow {
  const [ours, ...peers] = [row.ours, ...row.peers].map(({ correctness }) => correctness['parameters']);
  if (peers.every((parameters) => parameters === ours)) return row;
  throw new Error(`stream: ${row.name}: streamed and in memory expected the same parameters, got others.`);
}
