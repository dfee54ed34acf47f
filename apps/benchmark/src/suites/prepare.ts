import { createReadStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { prepare } from '@gru4rec/preprocess';
import { writeShopLog } from '@gru4rec/synthetic';
import { type ComparisonRow, type ContestOptions, measureContest, measureEach } from '../contest.ts';
import { inTemporaryFolder } from '../environment.ts';
import { whole } from '../measure.ts';
import { lastEvent, numbersOf, peerEntrants } from '../peers/peers.ts';

const [EVENTS, ITEMS] = [2_000_000, 30_000];
/** The preparation rules of every contestant, in addition to removing sessions of one event. */
const rules = { minItemSupport: 5, testDays: 1 };
const peers = [
  { peer: 'polars', leastRatio: 0.8 },
  { peer: 'pandas', leastRatio: 2 },
] as const;

export async function measurePreparation(options: ContestOptions): Promise<ComparisonRow[]> {
  const { events = EVENTS, engine, only } = options;
  const rows = (['TSV', 'JSON Lines'] as const).flatMap((format) =>
    peers.map((one) => {
      const log = `${format} of ${whole(events)} events, ${whole(ITEMS)} items`;
      return { ...one, format, name: `${log}, beside ${one.peer}` };
    }),
  );
  if (!rows.some(({ name }) => only.test(name))) return [];
  return inTemporaryFolder('benchmark-prepare', async (folder) => {
    const inputs = { TSV: join(folder, 'log.tsv'), 'JSON Lines': join(folder, 'log.jsonl') };
    await writeShopLog(inputs.TSV, { events, items: ITEMS, seed: 1 });
    await writeFile(inputs['JSON Lines'], jsonLines(inputs.TSV));
    return measureEach(rows, only, ({ format, peer, leastRatio, name }) => {
      const input = inputs[format];
      const threads = engine.threads && { threads: engine.threads };
      const own = { inputs: [input], output: join(folder, 'ours'), overwrite: true, ...threads };
      const take = async () => {
        const start = performance.now();
        const { manifest } = await prepare({ ...own, minSessionLength: 2, ...rules });
        const seconds = (performance.now() - start) / 1000;
        const { items, splits } = manifest.counts;
        return { value: events / seconds, correctness: countsOf({ items, ...splits }) };
      };
      const task = { input, output: join(folder, peer), ...rules };
      const runner = { peer, runner: `${peer}_prepare`, threads: [engine.threads ?? 2] };
      const others = peerEntrants(runner, task, (lines) => {
        const process = numbersOf(lastEvent(lines, 'prepared'), ['seconds', 'peakMiB']);
        return { value: events / process.seconds, correctness: countsOf(lastEvent(lines, 'done')), process };
      });
      const contest = { suite: 'prepare', name, unit: 'events/s', better: 'more', leastRatio } as const;
      return measureContest(contest, [{ name: 'ours', take }, ...others], options);
    });
  });
}

async function* jsonLines(tsv: string): AsyncGenerator<string> {
  for await (const line of createInterface({ input: createReadStream(tsv) })) {
    const [session, item, time] = line.split('\t');
    if (time !== 'Time') yield `{"SessionId":"${session}","ItemId":"${item}","Time":${time}}\n`;
  }
}

function countsOf(counts: Readonly<Record<string, unknown>>): Record<string, number> {
  const { items, train, test } = counts as Record<string, { events: number; sessions: number } | undefined>;
  return {
    ...{ items: Number(items), trainEvents: train?.events ?? 0, trainSessions: train?.sessions ?? 0 },
    ...{ testEvents: test?.events ?? 0, testSessions: test?.sessions ?? 0 },
  };
}
