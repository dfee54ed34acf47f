import { join } from 'node:path';
import { expect, it } from 'vitest';
import { saveTinyModel, startServer, testFolder } from './tiny-server.ts';

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
