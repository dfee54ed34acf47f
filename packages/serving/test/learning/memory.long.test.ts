import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseConfig, train } from '@gru4rec/model';
import { RandomStream } from '@gru4rec/random';
import { expect, it } from 'vitest';
import { createServer, EventLog, MemoryStore } from '../../src/index.ts';
import { eventOf } from '../clicks.ts';
import { keptThreads, testFolder } from '../tiny-server.ts';
import { engine, shopOf } from './learnt-log.ts';

const ITEMS = 27_000;
const NEW_ITEMS = 5000;
const CLICKS = 2_000_000;
const DAY_MS = 86_400_000;
const DAY = Date.UTC(2026, 4, 1);
/** Clicks of a visitor: of 100,000 sessions, which a learner follows, at most, there are more after 30 % of the day. */
const LENGTH = 3;
/** The most clicks that wait to be learnt. */
const AHEAD = 20_000;

const random = new RandomStream(1, 'test.day');
const nextItem = () => Math.floor(ITEMS * random.nextFloat() ** 3);

async function saveShop(directory: string): Promise<void> {
  // Each item once, then any.
  const item = (at: number) => (at < ITEMS ? at : nextItem());
  const sessions = Array.from({ length: (2 * ITEMS) / LENGTH }, (_, session) =>
    Array.from({ length: LENGTH }, (_, at) => item(LENGTH * session + at)),
  );
  const config = parseConfig({ layers: [32], loss: 'cross-entropy', nSample: 256, nEpochs: 1 });
  await (await train(shopOf(ITEMS, sessions), config, { engine })).save(directory);
}

it('needs no more memory at the end of a day of two million clicks than at noon', async (ctx) => {
  const folder = testFolder();
  const directory = join(folder, 'model');
  await saveShop(directory);
  const log = await EventLog.open(join(folder, 'events'), { sync: 'interval', now: () => DAY });
  let learnt = 0;
  const { threads, start } = keptThreads();
  const server = await createServer({
    models: [{ name: 'shop', directory }],
    sessions: new MemoryStore(),
    observers: [log],
    learn: { log, output: join(folder, 'learnt'), everyMs: 250, saveMs: 20_000 },
    startThread(data) {
      const thread = start(data);
      if (data.learn) thread.on('message', ({ status }) => (learnt = status?.clicks ?? learnt));
      return thread;
    },
  });
  await server.load();
  const rss: number[] = [];
  let sessions = 0;
  for (let clicks = 0; clicks < CLICKS; ) {
    const visits = Array.from({ length: 200 }, async () => {
      const sessionId = `visitor-${sessions++}`;
      const first = nextItem();
      for (let at = 0; at < LENGTH; at++) {
        const timeMs = DAY + Math.floor((DAY_MS * clicks++) / CLICKS);
        const isNew = random.nextFloat() < 0.02;
        const newest = Math.floor((NEW_ITEMS * clicks) / CLICKS);
        const item = isNew
          ? `new${newest - Math.floor(newest * random.nextFloat() ** 4)}`
          : `i${(first + at) % ITEMS}`;
        await log.onClick(eventOf(sessionId, item, { timeMs }));
      }
    });
    await Promise.all(visits);
    while (learnt < clicks - AHEAD) await setTimeout(20);
    rss.push(process.memoryUsage().rss / 2 ** 20);
  }
  await server.stop({ probeMs: 0 });
  expect(learnt).toBe(sessions * LENGTH);
  /** The most in the twentieth of the day that ends there. */
  const at = (share: number) => {
    const end = Math.round(share * rss.length);
    return Math.round(Math.max(...rss.slice(end - rss.length / 20, end)));
  };
  const [early, noon, end] = [at(0.1), at(0.5), at(1)];
  await ctx.annotate(`RSS in MiB after 10, 50 and 100 %: ${early}, ${noon}, ${end}`);
  expect(end).toBeLessThan(1.2 * noon);
  expect(threads.length).toBeLessThanOrEqual(4);
}, 1_200_000);
