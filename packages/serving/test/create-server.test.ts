import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createServer, MemoryStore } from '../src/index.ts';
import { saveTinyModel, startServer, startThread, testFolder } from './tiny-server.ts';

it.each([
  [{}, '"log"'],
  [{ log: {}, output: 5 }, '"output"'],
  [{ log: {}, output: 'a', every: 5 }, '"every"'],
  [{ log: {}, output: 'a', everyMs: 0 }, '"everyMs"'],
])('refuses to learn with %j', async (learn, name) => {
  const models = [{ name: 'a', directory: 'a' }];
  const options = { models, startThread, sessions: new MemoryStore(), learn: learn as never };
  await expect(createServer(options)).rejects.toThrow(name);
});

it('refuses to learn from a log that gets no clicks', async () => {
  const learn = { log: {}, output: 'a' } as never;
  const options = {
    models: [{ name: 'a', directory: 'a' }],
    startThread,
    sessions: new MemoryStore(),
    learn,
  };
  await expect(createServer(options)).rejects.toThrow('"learn.log" expected one of the observers');
});

it('refuses to learn with several models', async () => {
  const models = ['a', 'b'].map((name) => ({ name, directory: name }));
  const learn = { log: {}, output: 'a' } as never;
  const options = { models, startThread, sessions: new MemoryStore(), learn };
  await expect(createServer(options)).rejects.toThrow('"learn" expected one model, got 2');
});

it('answers a click with the items that the library recommends', async () => {
  const directory = join(testFolder(), 'model');
  const model = await saveTinyModel(directory);
  const { ask } = await startServer({ models: [{ name: 'shop', directory }] });
  const session = model.startSession();
  for (const item of ['1021', '1035']) {
    session.click(item);
    const { status, body } = await ask('/v1/sessions/ann/events', { item, n: 5 });
    expect(status).toBe(200);
    expect(body).toMatchObject({ model: 'shop', unknown: [], fallback: false });
    expect(body.items).toEqual(session.top(5).map(({ itemId, score }) => ({ id: itemId, score })));
  }
});
