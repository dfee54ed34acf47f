import { join } from 'node:path';
import { saveRecommender } from '@gru4rec/recommender';
import { EventLog } from '@gru4rec/serving';
import { freePort } from '@gru4rec/test-support';
import { testFolder } from '@gru4rec/test-support/folder';
import { createBaseline, loadRecommender, serve } from 'gru4rec';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { data, saveModel } from './tiny-shop.ts';

const folder = testFolder();
beforeAll(() => saveModel(join(folder, 'shop')));

/** Answers of `/v1/models` of a server. */
async function namesAt(url: string, token = ''): Promise<unknown> {
  const response = await fetch(`${url}/v1/models`, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) return response.status;
  const { models } = (await response.json()) as { models: { name: string; status: string }[] };
  return models.map(({ name, status }) => [name, status]);
}

describe('loadRecommender', () => {
  it('reads a baseline, which serve takes, too', async () => {
    const recommender = createBaseline('v-sknn', data);
    const directory = join(folder, 'neighbours');
    await saveRecommender({ name: 'V-SKNN', itemIds: data.itemIds, recommender }, directory);
    expect(await loadRecommender(directory)).toMatchObject({ name: 'V-SKNN', baseline: { name: 'V-SKNN' } });
    const { url, server } = await serve(directory, { port: 0 });
    onTestFinished(() => server.stop({ probeMs: 0 }));
    expect(await namesAt(url)).toEqual([['neighbours', 'ready']]);
  });
});

describe('serve', () => {
  it('names the model after its folder, and passes on options of the server', async () => {
    const { url, server } = await serve(join(folder, 'shop'), { port: 0, tokens: ['secret'] });
    onTestFinished(() => server.stop({ probeMs: 0 }));
    expect(await namesAt(url)).toBe(401);
    expect(await namesAt(url, 'secret')).toEqual([['shop', 'ready']]);
  });

  it('serves several models, and restores sessions from an event log', async () => {
    const models = ['a', 'b'].map((name) => ({ name, directory: join(folder, 'shop') }));
    const start = async () =>
      serve(models, { port: 0, observers: [await EventLog.open(join(folder, 'events'))] });
    const first = await start();
    expect(await namesAt(first.url)).toEqual([
      ['a', 'ready'],
      ['b', 'ready'],
    ]);
    const click = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"item":"shoe"}',
    };
    expect((await fetch(`${first.url}/v1/sessions/ann/events`, click)).status).toBe(200);
    await first.server.stop({ probeMs: 0 });

    const second = await start();
    onTestFinished(() => second.server.stop({ probeMs: 0 }));
    const recommendations = `${second.url}/v1/sessions/ann/recommendations?excludeSeen=true`;
    const { items } = (await (await fetch(recommendations)).json()) as { items: { id: string }[] };
    expect(items.map(({ id }) => id).sort()).toEqual(['hat', 'sock']);
  });

  it('fails if the model is missing, and closes its port', async () => {
    const port = await freePort();
    const error = await serve(join(folder, 'missing'), { port }).catch(String);
    expect(error).toContain(join(folder, 'missing'));
    await expect(fetch(`http://127.0.0.1:${port}/health/live`)).rejects.toThrow();
  });
});
