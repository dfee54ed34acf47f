import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readDataset } from '@gru4rec/dataset';
import { describe, expect, it } from 'vitest';
import { ok } from '../run-trainer.ts';
import { useTinyModel } from '../tiny-shop.ts';
import { ServerProcess } from './server-process.ts';

const folder = useTinyModel();
const serve = (directory: string, ...more: string[]) =>
  ServerProcess.start(folder(), 'model', '--event-log', directory, ...more);

interface Line {
  readonly SessionId: string;
  readonly ItemId: string;
  readonly EventId?: string;
}

function linesOf(directory: string): Line[] {
  if (!existsSync(directory)) return [];
  const files = readdirSync(directory).filter((name) => name.endsWith('.jsonl'));
  return files.flatMap((name) =>
    readFileSync(join(directory, name), 'utf8')
      .split('\n')
      .filter(Boolean)
      // Behind the first line, which names the day.
      .slice(1)
      .map((line) => JSON.parse(line)),
  );
}

describe('trainer serve --event-log', () => {
  it('is read by prepare: default columns, any id, any time', async () => {
    const directory = join(folder(), 'events');
    // Of all times: from 1970 to the year 5138.
    const server = await serve(directory, '--click-times', '99999d,1999999d');
    const ids = ['a b', 'ü/😀', '0012', '"quoted"', 'line\nend', 'tab\t', '__proto__', 'x'.repeat(512)];
    for (const id of ids) for (const item of ids) expect(await server.click(id, item)).toBe(200);
    for (const time of [0, 1, 1e9, 1e12, 99_999_999_999_999]) {
      expect(await server.click('times', `at ${time}`, { time })).toBe(200);
    }
    expect(await server.click('times', 'too late', { time: 100_000_000_000_000 })).toBe(400);
    expect((await fetch(`${server.url}/v1/sessions/0012`, { method: 'DELETE' })).status).toBe(204);
    expect(await server.stop()).toBe(0);
    await ok(folder(), 'prepare --input events --output logged');
    const { itemIds, train } = await readDataset(join(folder(), 'logged'));
    expect([...train.sessionIds].sort()).toEqual([...ids, 'times'].sort());
    expect(itemIds.indexOf('line\nend')).toBeGreaterThanOrEqual(0);
    expect(train.items).toHaveLength(ids.length ** 2 + 5);
  });
});

it('has every answered click once after kill −9 at random moments', async () => {
  const directory = join(folder(), 'killed');
  const start = (...more: string[]) => serve(directory, '--sync', 'interval', ...more);
  let server = await start();
  const answered: string[] = [];
  let isOver = false;
  // Each clicks through one session in order, and sends a click until it is answered.
  const visitors = Array.from({ length: 8 }, async (_, visitor) => {
    for (let at = 0; !isOver; ) {
      const eventId = `v${visitor}-${at}`;
      const click = server.click(`v${visitor}`, `${at % 60}`, { eventId });
      if ((await click.catch(() => 0)) !== 200) await setTimeout(50);
      else {
        answered.push(eventId);
        at++;
        await setTimeout(2);
      }
    }
  });
  for (let kill = 0; kill < 4; kill++) {
    await setTimeout(200 + 400 * Math.random());
    await server.kill();
    server = await start('--port', server.port);
  }
  await setTimeout(300);
  isOver = true;
  await Promise.all(visitors);
  expect(await server.stop()).toBe(0);
  const lines = linesOf(directory);
  const logged = lines.map(({ EventId }) => EventId);
  expect(new Set(logged).size).toBe(logged.length);
  expect(answered.length).toBeGreaterThan(100);
  expect(answered.filter((eventId) => !logged.includes(eventId))).toEqual([]);
  for (let visitor = 0; visitor < 8; visitor++) {
    const ofVisitor = lines.filter(({ SessionId }) => SessionId === `v${visitor}`);
    expect(ofVisitor.map(({ EventId }) => EventId)).toEqual(ofVisitor.map((_, at) => `v${visitor}-${at}`));
  }
});
