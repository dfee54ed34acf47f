import { join } from 'node:path';
import type { Gru4Rec } from '@gru4rec/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Ask,
  createEngine,
  idsOf,
  namedItems,
  saveTinyModel,
  startServer,
  testFolder,
  topOf,
} from '../tiny-server.ts';

let sessions = 0;
const newSession = () => `session-${++sessions}`;
const eventsOf = (session: string) => `/v1/sessions/${session}/events`;

describe.each([
  ['in a thread', { maxLoopMs: 0 }],
  ['on the event loop', { maxLoopMs: 1000 }],
])('clicks with types and context, %s', (_, inference) => {
  let ask: Ask;
  let model: Gru4Rec;

  beforeAll(async () => {
    const directory = join(testFolder(afterAll), 'typed');
    model = await saveTinyModel(directory, { clickFeatures: ['Type', 'device'], clickFeatureScale: 1 });
    ({ ask } = await startServer({ directory, inference, createEngine }, afterAll));
  }, 60_000);

  it('are answered as the library answers them', async () => {
    const session = newSession();
    const live = model.startSession();
    const clicks = [
      { item: '1021', type: 'view', context: { device: 'phone' } },
      { item: '1035' },
      { item: '1007', type: 'purchase', context: { device: 'desk', city: 'Paris' } },
    ];
    for (const { item, type, context } of clicks) {
      const { status, body } = await ask(eventsOf(session), { item, ...(type && { type, context }), n: 5 });
      expect(status).toBe(200);
      expect(body).not.toHaveProperty('unknownContext');
      live.click(item, { ...(type && { Type: type }), ...context });
      expect(body.items).toEqual(namedItems(live.recommend(5)));
    }
    const again = await ask(eventsOf(session).replace('events', 'recommendations?n=5'));
    expect(again.body.items).toEqual(namedItems(live.recommend(5)));
    const items = clicks.map(({ item }) => item);
    expect(again.body.items).not.toEqual(topOf(model, items, 5));
    const imagined = await ask(eventsOf(session), { item: '1021', type: 'view', store: false, n: 5 });
    live.click('1021', { Type: 'view' });
    expect(imagined.body.items).toEqual(namedItems(live.recommend(5)));
  });

  it('name values that the model does not know', async () => {
    const session = newSession();
    const click = { item: '1021', type: 'rate', context: { device: 'watch', city: 'Paris' }, n: 5 };
    const { body } = await ask(eventsOf(session), click);
    expect(body.unknownContext).toEqual(['Type=rate', 'device=watch']);
    expect(body.items).toEqual(topOf(model, ['1021'], 5));
  });

  it('leave purchased items out if asked to', async () => {
    const session = newSession();
    await ask(eventsOf(session), { item: '1021', type: 'purchase' });
    const asked = { item: '1035', type: 'view', n: 30 };
    expect(idsOf(await ask(eventsOf(session), asked))).toContain('1021');
    const without = idsOf(await ask(eventsOf(session), { ...asked, excludePurchased: true }));
    expect(without).not.toContain('1021');
    expect(without).toContain('1035');
    const path = eventsOf(session).replace('events', 'recommendations?n=30&excludePurchased=true');
    expect(idsOf(await ask(path))).not.toContain('1021');
  });

  it('come with the request, too, beside ids', async () => {
    const items = ['1035', { item: '1021', type: 'purchase', context: { device: 'phone' } }];
    const live = model.startSession();
    live.click('1035');
    live.click('1021', { type: 'purchase', device: 'phone' });
    const { body } = await ask('/v1/recommend', { items, n: 30 });
    expect(body.items).toEqual(namedItems(live.recommend(30)));
    const inContext = ['1035', { item: '1021', context: { type: 'purchase', device: 'phone' } }];
    const left = namedItems(live.recommend(30, { excludePurchased: true }));
    const same = await ask('/v1/recommend', { items: inContext, n: 30, excludePurchased: true });
    expect(same.body.items).toEqual(left);
    const ranked = await ask('/v1/rank', { items, candidates: ['1021', '1007'], excludePurchased: true });
    expect(idsOf(ranked)).toEqual(['1007']);
    const whole = {
      items: [1035, { ...(items[1] as object), item: 1021 }],
      n: 30,
      deny: [1007],
      pinned: [{ position: 1, item: 1014 }],
    };
    const asText = { ...whole, items, deny: ['1007'], pinned: [{ position: 1, item: '1014' }] };
    expect(idsOf(await ask('/v1/recommend', whole))).toEqual(idsOf(await ask('/v1/recommend', asText)));
    const clicked = await ask(eventsOf(newSession()), { item: 1021, n: 5 });
    expect(idsOf(clicked)).toEqual(idsOf(await ask('/v1/recommend', { items: ['1021'], n: 5 })));
  });
});
