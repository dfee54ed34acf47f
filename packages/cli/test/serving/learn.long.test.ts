import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { loadModel } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { useTinyModel } from '../tiny-shop.ts';
import { type ListBody, type ModelsBody, ServerProcess } from './server-process.ts';

const folder = useTinyModel();
const engine = createWasmEngine({ threads: 1 });
const start = (...argv: string[]) => ServerProcess.start(folder(), ...argv);
const serve = (events: string, ...more: string[]) =>
  start('model', '--event-log', events, '--learn', '--learner', 'everyMs=200', ...more);

/** What a folder has learnt, to the bit. */
async function learntIn(directory: string) {
  const { tensors, recentClicks, itemIds } = await loadModel(directory, { engine });
  return { tensors, recentClicks, ids: itemIds.slice() };
}

/** The value of a metric of learning. */
async function metric(server: ServerProcess, name: string): Promise<number> {
  const { body } = await server.ask<string>('/metrics');
  return Number(new RegExp(`^gru4rec_learn_${name} (.*)$`, 'm').exec(body)?.[1]);
}

/** Clicks of sessions at the same time. @returns the statuses. */
async function clicks(server: ServerProcess, name: string, items: readonly string[], sessions = 16) {
  const visits = Array.from({ length: sessions }, async (_, session) => {
    const statuses: number[] = [];
    for (const at of items.keys()) {
      const item = items[(at + session) % items.length] ?? '';
      statuses.push(await server.click(`${name}${session}`, item).catch(() => 0));
    }
    return statuses;
  });
  return (await Promise.all(visits)).flat();
}

const lists = async (server: ServerProcess, session: string, item: string) =>
  (await server.ask<ListBody>(`/v1/sessions/${session}/recommendations?allow=${item}`)).body.items.length ===
  1;

describe('trainer serve --learn', () => {
  it('recommends a new item, and has learnt each click once after kill -9, to the bit as an undisturbed server', async () => {
    const events = join(folder(), 'events');
    const output = join(events, 'learnt');
    const items = (await loadModel(join(folder(), 'model'), { engine })).itemIds.slice(0, 6);
    let server = await serve(events);
    const begin = join(folder(), 'begin');
    cpSync(output, begin, { recursive: true });
    await server.click('guest', items[0] ?? '');
    for (let round = 0; round < 3; round++) {
      const item = `new${round}`;
      expect(new Set(await clicks(server, `s${round}-`, [...items, item]))).toEqual(new Set([200]));
      await expect.poll(() => lists(server, 'guest', item), { timeout: 20_000 }).toBe(true);
      const after = clicks(server, `k${round}-`, items);
      await setTimeout(50 * round);
      await server.kill();
      await after;
      server = await serve(events);
      expect(await metric(server, 'stopped')).toBe(0);
    }
    await expect.poll(() => lists(server, 'guest', 'new2'), { timeout: 20_000 }).toBe(true);
    expect((await server.ask<ModelsBody>('/v1/models')).body.models[0]).toMatchObject({
      version: expect.stringMatching(/^[0-9a-f]{64}@\d{4}-\d\d-\d\d:\d+$/),
      items: 63,
    });
    expect(await server.stop()).toBe(0);

    const undisturbed = join(folder(), 'undisturbed');
    cpSync(events, undisturbed, { recursive: true, filter: (path) => !path.includes('learnt') });
    cpSync(begin, join(undisturbed, 'learnt'), { recursive: true });
    const other = await serve(undisturbed);
    expect(await other.stop()).toBe(0);
    expect(await learntIn(output)).toEqual(await learntIn(join(undisturbed, 'learnt')));

    // What was learnt is a model that serves, and goes on learning.
    const next = await start(output, '--event-log', events, '--learn');
    const { body } = await next.ask<ListBody>('/v1/sessions/x/events', { item: items[0], allow: ['new2'] });
    expect(body.items).toHaveLength(1);
    expect(await next.stop()).toBe(0);
  });

  it('learns from the log of another server, which follows what was learnt', async () => {
    const [one, two] = [join(folder(), 'one'), join(folder(), 'two')];
    mkdirSync(two);
    const items = (await loadModel(join(folder(), 'model'), { engine })).itemIds.slice(0, 6);
    const learner = await serve(one, '--learn-from', two);
    const follower = await start(join(one, 'learnt'), '--event-log', two);
    for (const server of [learner, follower]) await server.click('guest', items[0] ?? '');
    expect(new Set(await clicks(follower, 's', [...items, 'far']))).toEqual(new Set([200]));
    await expect.poll(() => lists(learner, 'guest', 'far'), { timeout: 30_000 }).toBe(true);
    expect(await lists(follower, 'guest', 'far')).toBe(false);
    // And the first line of the log.
    await expect.poll(() => metric(learner, 'clicks_total'), { timeout: 20_000 }).toBe(2 + 16 * 7 + 1);
    await expect(serve(two)).rejects.toThrow('is being written');
    expect(await learner.stop()).toBe(0);
    await expect.poll(() => lists(follower, 'guest', 'far'), { timeout: 30_000 }).toBe(true);
    expect(await follower.stop()).toBe(0);
  });
});
