import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { loadModel } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { EventLog, type LearnOptions, type ServerOptions } from '../../src/index.ts';
import { idsOf, type Running, startServer, testFolder } from '../tiny-server.ts';

const engine = createWasmEngine({ threads: 1 });

/** Starts a server that learns from its clicks. */
async function startLearning(
  folder = testFolder(),
  {
    learn: given,
    ...options
  }: Partial<Omit<ServerOptions, 'learn'>> & { readonly learn?: Partial<LearnOptions> } = {},
): Promise<Running & { readonly output: string }> {
  const log = await EventLog.open(join(folder, 'events'));
  const output = join(folder, 'learnt');
  const learn = { log, output, everyMs: 100, ...given };
  return { ...(await startServer({ observers: [log], learn, ...options })), output };
}

const statusOf = async ({ ask }: Running) => (await ask('/v1/models')).body.models[0];
const metricOf = async ({ ask }: Running, name: string) => {
  const { body } = await ask('/metrics');
  return Number(new RegExp(`^gru4rec_learn_${name} (.*)$`, 'm').exec(body)?.[1]);
};

describe('A server that learns', () => {
  it('recommends a new item after its first clicks, and has learnt it when it is started again', async () => {
    const folder = testFolder();
    const running = await startLearning(folder);
    const { ask, server, model, output } = running;
    const [a, b] = model.itemIds.slice(0, 2) as [string, string];
    const before = await ask('/v1/sessions/guest/events', { item: a, allow: ['new'] });
    expect(before.body).toMatchObject({ items: [], modelVersion: model.checksum });
    for (let at = 0; at < 12; at++) {
      await ask(`/v1/sessions/s${at}/events`, { item: a });
      await ask(`/v1/sessions/s${at}/events`, { item: 'new' });
      await ask(`/v1/sessions/s${at}/events`, { item: b });
    }
    const listed = () => ask('/v1/sessions/guest/recommendations?allow=new').then(idsOf);
    await expect.poll(listed, { timeout: 10_000 }).toEqual(['new']);
    // Sessions like those that clicked it see it, among all items.
    await expect
      .poll(async () => idsOf(await ask('/v1/sessions/guest/recommendations?n=5')), { timeout: 10_000 })
      .toContain('new');
    const { version, lineage, items } = await statusOf(running);
    expect({ lineage, items }).toEqual({ lineage: model.checksum, items: 31 });
    expect(version).toMatch(new RegExp(`^${model.checksum}@\\d{4}-\\d\\d-\\d\\d:\\d+$`));
    expect((await ask('/v1/models/shop/load', {})).status).toBe(409);
    expect(await metricOf(running, 'pairs_total')).toBe(24);
    expect(await metricOf(running, 'new_items')).toBe(1);
    await server.stop({ probeMs: 0 });

    const learnt = await loadModel(output, { engine });
    expect(learnt.itemIds.indexOf('new')).toBe(30);
    const models = [{ name: 'shop', directory: running.directory }];
    const again = await startLearning(folder, { models });
    expect((await statusOf(again)).items).toBe(31);
    expect(await metricOf(again, 'pairs_total')).toBe(24);
  });
});
