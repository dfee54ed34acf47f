import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it, vi } from 'vitest';
import { connect } from '../../../gru4rec/src/client.ts';
import { ok } from '../run-trainer.ts';
import { useTinyModel } from '../tiny-shop.ts';
import { ServerProcess } from './server-process.ts';

const folder = useTinyModel();
const [DAYS, SECONDS, VISITORS] = [30, 60, 6000];
const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 4, 1);

/** Uniform by the visitor, whatever became of requests. */
const chance = (visitor: number, what: number) => ((visitor * 7919 + what * 104_729 + 1) * 48_271) % 10_007;
const happens = (share: number, visitor: number, what: number) => chance(visitor, what) < share * 10_007;

it('finds what lists earn in a month of two servers, of which each is killed once', async () => {
  const hook = fileURLToPath(new URL('../fast-clock.mjs', import.meta.url));
  const base = Date.now();
  vi.stubEnv('NODE_OPTIONS', `--import ${hook}`);
  vi.stubEnv('CLOCK_START', String(START));
  vi.stubEnv('CLOCK_BASE', String(base));
  vi.stubEnv('CLOCK_SPEED', String((DAYS * DAY_MS) / (1000 * SECONDS)));
  const names = ['eu', 'us'];
  const start = (name: string) =>
    ServerProcess.start(
      folder(),
      'shop:60=model',
      'none:40',
      '--event-log',
      join('events', name),
      '--sync',
      'interval',
    );
  const servers = await Promise.all(names.map(start));
  const begun = Date.now();
  /** Cents of answered orders less returns. */
  const spent = new Map<string, number>();
  const clients = () => servers.map(({ url }) => connect(url, { onEvent: () => undefined, timeoutMs: 5000 }));
  let [asked, known] = [clients(), new Set<number>()];
  async function visit(visitor: number): Promise<void> {
    const client = asked[visitor % 2];
    const id = `v${visitor}`;
    const first = await client?.click(id, '17', { place: 'product', n: 3 });
    if (!client || first?.recommendationId === undefined) return;
    known.add(visitor);
    const [best] = first.items;
    if (best) {
      await client.shown(id, first.recommendationId, [best.id]);
      const { recommendationId } = first;
      if (happens(0.3, visitor, 1)) await client.click(id, best.id, { recommendationId, n: 0 });
    }
    if (!happens(best ? 0.4 : 0.3, visitor, 2)) return;
    const cents = 1000 + (chance(visitor, 3) % 4000);
    const order = { type: 'purchase', orderId: `o${visitor}`, n: 0 };
    const item = best?.id ?? '18';
    if (!(await client.click(id, item, { ...order, value: cents / 100 })).model) return;
    spent.set(id, cents);
    if (!happens(0.1, visitor, 4)) return;
    if ((await client.click(id, item, { ...order, value: -cents / 100 })).model) spent.set(id, 0);
  }
  const visits: Promise<void>[] = [];
  const kill = async (at: number) => {
    await servers[at]?.kill();
    servers[at] = await start(names[at] ?? '');
    asked = clients();
  };
  const kills: Promise<void>[] = [];
  for (let visitor = 0; visitor < VISITORS; visitor++) {
    await setTimeout(Math.max(0, begun + (visitor * 1000 * SECONDS) / VISITORS - Date.now()));
    visits.push(visit(visitor));
    if (visitor === 2000 || visitor === 4000) kills.push(kill(visitor / 2000 - 1));
  }
  await Promise.all([...visits, ...kills]);
  for (const server of servers) expect(await server.stop()).toBe(0);

  const { stdout } = await ok(folder(), 'impact --events events --within 1d --json');
  const [{ arms, judgements, warnings }] = JSON.parse(stdout).places;
  expect({ warnings, arms }).toMatchObject({ warnings: [] });
  const [{ relative }] = judgements[0].course.slice(-1);
  expect(relative.interval[0]).toBeLessThan(1 / 3);
  expect(relative.interval[1]).toBeGreaterThan(1 / 3);
  const counted = arms.reduce((sum: number, { visitors }: { visitors: number }) => sum + visitors, 0);
  // A killed server loses the answers of its last second, and the last day is not over.
  expect(counted).toBeGreaterThan(0.85 * known.size);
  const revenue = arms.reduce(
    (sum: number, { visitors, revenuePerVisitor }: { visitors: number; revenuePerVisitor: number }) =>
      sum + visitors * revenuePerVisitor,
    0,
  );
  const all = [...spent.values()].reduce((sum, cents) => sum + cents, 0) / 100;
  expect(revenue).toBeLessThan(1.001 * all + 100);
  expect(revenue).toBeGreaterThan(0.85 * all);
}, 240_000);
