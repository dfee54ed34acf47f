import { join } from 'node:path';
import { prepare } from '@gru4rec/preprocess';
import { writeShopLog } from '@gru4rec/synthetic';
import {
  type ComparisonRow,
  type ContestOptions,
  measureContest,
  measureEach,
  type Turn,
} from '../contest.ts';
import { inTemporaryFolder } from '../environment.ts';
import { whole } from '../measure.ts';
import { peerEntrants } from '../peers.ts';

const [EVENTS, ITEMS] = [2_000_000, 30_000];
/** The preparation rules of every contestant, in addition to removing sessions of one event. */
const rules = { minItemSupport: 5, testDays: 1 };

export function measurePreparation(options: ContestOptions): Promise<ComparisonRow[]> {
  const { events = EVENTS, engine, only } = options;
  const name = `TSV of ${whole(events)} events, ${whole(ITEMS)} items`;
  return measureEach([{ name }], only, () =>
    inTemporaryFolder('benchmark-prepare', async (folder) => {
      const input = join(folder, 'log.tsv');
      await writeShopLog(input, { events, items: ITEMS, seed: 1 });
      const threads = engine.threads && { threads: engine.threads };
      const own = { inputs: [input], output: join(folder, 'ours'), overwrite: true, ...threads };
      const take = async () => {
        const start = performance.now();
        const { manifest } = await prepare({ ...own, minSessionLength: 2, ...rules });
        const seconds = (performance.now() - start) / 1000;
        const { items, splits } = manifest.counts;
        return { value: events / seconds, correctness: countsOf({ items, ...splits }) };
      };
      const task = { input, output: join(folder, 'polars'), ...rules };
      const polars = { peer: 'polars', runner: 'polars_prepare', threads: [engine.threads ?? 2] } as const;
      const peers = peerEntrants<Prepared>(polars, task, ({ seconds, peakMiB, ...counts }) => {
        return { value: events / seconds, correctness: countsOf(counts), peakMiB };
      });
      const contest = { suite: 'prepare', name, unit: 'events/s', better: 'more' } as const;
      return measureContest(contest, [{ name: 'ours', take }, ...peers], options);
    }),
  );
}

type Prepared = Counts & Readonly<Record<'seconds' | 'peakMiB', number>>;
interface Counts {
  readonly items: number;
  readonly train?: { readonly events: number; readonly sessions: number };
  readonly test?: Counts['train'] | undefined;
}

function countsOf({ items, train, test }: Counts): Turn['correctness'] {
  return {
    items,
    trainEvents: train?.events ?? 0,
    trainSessions: train?.sessions ?? 0,
    testEvents: test?.events ?? 0,
    testSessions: test?.sessions ?? 0,
  };
}
