import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseConfig, train } from '@gru4rec/model';
import {
  type ComparisonRow,
  type Contest,
  type Contestant,
  type ContestOptions,
  measureContest,
  type Turn,
} from '../contest.ts';
import { createChosenEngine } from '../engine-choice.ts';
import { inTemporaryFolder, type Program } from '../environment.ts';
import { makeEventLog, toTable, trainingDataOf } from '../event-log.ts';
import { CONNECTIONS, loadServer, type ReplayLog } from '../load/load-server.ts';
import { withServer } from '../load/server-process.ts';
import { whole } from '../measure.ts';

export type ServedSize = Readonly<Record<'items' | 'units' | 'events', number>>;

const HELD_OUT = 20_000;

/** Saves a model, and returns the sessions to replay. One epoch gives scores of a trained model's shape, not its accuracy. */
export async function trainServed({ items, units, events }: ServedSize, folder: string): Promise<ReplayLog> {
  const log = makeEventLog({ items, events, heldOut: Math.min(HELD_OUT, Math.ceil(events / 10)) });
  const data = trainingDataOf(log);
  const nSample = Math.min(512, items);
  const config = parseConfig({ layers: [units], nSample, nEpochs: 1, seed: 1, constrainedEmbedding: true });
  const model = await train(data, config, { engine: createChosenEngine({}) });
  await model.save(folder);
  const { itemIds } = model;
  model.dispose();
  return { ...toTable(log.test), itemIds };
}

/** Rates are requests per second. */
type MeasuredSize = ServedSize & { readonly rate: number };

const measuredSizes: readonly MeasuredSize[] = [
  { items: 27_000, units: 100, events: 300_000, rate: 1000 },
  { items: 1_000_000, units: 32, events: 300_000, rate: 500 },
];

export function ourServer(model: string, options: readonly string[] = []): Program {
  const script = fileURLToPath(new URL('../../../../scripts/start.mjs', import.meta.url));
  const words = [script, 'serve', model, '--port', '0', '--probe-seconds', '0'];
  return { file: process.execPath, words: [...words, ...options] };
}

/** `gru4rec serve` in its own process: seconds until it is ready, then requests at saturation and latency at a rate. */
export async function measureServing(
  options: ContestOptions,
  sizes: readonly MeasuredSize[] = measuredSizes,
): Promise<ComparisonRow[]> {
  const rows: ComparisonRow[] = [];
  for (const size of sizes) {
    const served = `${whole(size.items)} items × ${size.units} units`;
    if (!options.only.test(served)) continue;
    await inTemporaryFolder('benchmark-serve', async (folder) => {
      const model = join(folder, 'model');
      const log = await trainServed(size, model);
      const { threads } = options.engine;
      const program = ourServer(model, threads === undefined ? [] : ['--threads', String(threads)]);
      const measure = async (
        row: Pick<Contest, 'name' | 'unit' | 'better'>,
        take: Contestant['take'],
      ): Promise<void> => {
        // The first start may bundle the trainer and reads files from disk; the first load warms up.
        await take();
        const engine = 'gru4rec serve; the generator on the same cores';
        const contest = { ...row, suite: 'serve', name: `${served}, ${row.name}`, engine };
        rows.push(await measureContest(contest, [{ name: 'ours', take }], options));
      };
      await measure({ name: 'start to ready', unit: 's', better: 'less' }, () =>
        withServer(program, async ({ startSeconds, peakMiB }) => {
          return { value: startSeconds, correctness: {}, peakMiB: peakMiB() };
        }),
      );
      await withServer(program, async (server) => {
        const { seconds } = options;
        const saturation = `saturation, ${CONNECTIONS} connections`;
        await measure({ name: saturation, unit: 'requests/s', better: 'more' }, () =>
          loadServer(server, log, { seconds }),
        );
        const atRate = async (): Promise<Turn> => {
          const turn = await loadServer(server, log, { seconds, rate: size.rate });
          return { ...turn, value: turn.correctness['p99Ms'] ?? Number.NaN };
        };
        const name = `${whole(size.rate)} requests/s: latency, p99`;
        await measure({ name, unit: 'ms', better: 'less' }, atRate);
      });
    });
  }
  return rows;
}
