import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type EpochRecord, Gru4Rec } from '@gru4rec/model';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { forgetEvents } from '../../src/event-log/forget-events.ts';
import { MemoryStore } from '../../src/sessions/session-store.ts';
import { VISITORS_FILE } from '../../src/sessions/visitors.ts';
import { clickOf } from '../clicks.ts';
import { engine, idsOf, saveTinyModel, startServer, testFolder, topOf } from '../tiny-server.ts';

afterEach(() => void vi.useRealTimers());

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

describe('MemoryStore', () => {
  it('remembers the last 20 distinct items of a visitor beyond the pause, until they are too old or forgotten', async () => {
    vi.useFakeTimers({ now: 1e12 });
    const store = new MemoryStore({ rememberMs: 30 * DAY_MS });
    for (let item = 0; item < 25; item++) await store.append('v', clickOf(`${item}`));
    await store.append('v', clickOf('10'));
    expect((await store.read('v'))?.earlier).toBeUndefined();
    vi.advanceTimersByTime(HOUR_MS);
    const earlier = [
      '10',
      ...Array.from({ length: 20 }, (_, at) => `${24 - at}`).filter((item) => item !== '10'),
    ];
    expect(await store.read('v')).toEqual({ clicks: [], dropped: 0, earlier });
    const { session } = await store.append('v', clickOf('x'));
    expect(session).toEqual({ clicks: [clickOf('x')], dropped: 0, earlier });
    expect((await store.append('v', clickOf('y'))).session.earlier).toEqual(earlier);
    vi.advanceTimersByTime(HOUR_MS);
    expect((await store.read('v'))?.earlier?.slice(0, 3)).toEqual(['y', 'x', '10']);
    expect(await store.delete('v')).toBe(true);
    expect(await store.read('v')).toBeUndefined();
    await store.append('w', clickOf('a'));
    vi.advanceTimersByTime(31 * DAY_MS);
    expect(await store.read('w')).toBeUndefined();
  });

  it('keeps these items within their own memory, and none by default', async () => {
    vi.useFakeTimers({ now: 1e12 });
    // A visitor `v` of the item `a` takes 160 + 2 + 24 + 2 bytes.
    const two = new MemoryStore({ rememberMs: DAY_MS, rememberBytes: 2 * 188 });
    const none = new MemoryStore();
    for (const store of [two, none]) for (const id of 'uvw') await store.append(id, clickOf('a'));
    vi.advanceTimersByTime(HOUR_MS);
    expect(await two.read('u')).toBeUndefined();
    for (const id of 'vw') expect((await two.read(id))?.earlier).toEqual(['a']);
    expect(await none.read('w')).toBeUndefined();
  });
});

it('keeps them in a file over a kill and a stop, which forgetting and damage reach', async () => {
  const directory = testFolder();
  const file = join(directory, VISITORS_FILE);
  const warn = vi.fn();
  const open = () =>
    new MemoryStore({ rememberMs: DAY_MS, maxAgeMs: 1, visitorsFile: file, logger: { warn } });
  const store = open();
  for (const id of ['ann', 'bob', 'cid']) for (const item of 'abc') await store.append(id, clickOf(item));
  await store.save();
  await store.append('late', clickOf('x'));
  await setTimeout(5);
  // As after kill -9.
  const next = open();
  expect((await next.read('ann'))?.earlier).toEqual(['c', 'b', 'a']);
  expect(await next.read('late')).toBeUndefined();
  await next.delete('bob');
  await next.close();
  expect(readFileSync(file, 'utf8')).not.toContain('bob');
  await forgetEvents(directory, new Set(['ann']));
  expect(warn).not.toHaveBeenCalled();
  appendFileSync(file, '{"SessionId":7}\nno JSON');
  const last = open();
  const said = 'Remembered visitors of these lines cannot be read, and begin anew';
  expect(warn.mock.calls).toEqual([[{ file, lines: 2 }, said]]);
  expect(await last.read('ann')).toBeUndefined();
  expect((await last.read('cid'))?.earlier).toEqual(['c', 'b', 'a']);
  await last.close();
});

it('are saved while the server runs, at least twice per age of a session', async () => {
  const file = join(testFolder(), VISITORS_FILE);
  const sessions = new MemoryStore({ rememberMs: DAY_MS, maxAgeMs: 40, visitorsFile: file });
  const { ask } = await startServer({ sessions });
  await ask('/v1/sessions/ann/events', { item: 'hat', n: 0 });
  const later = () => new MemoryStore({ rememberMs: DAY_MS, visitorsFile: file }).read('ann');
  await expect.poll(later).toMatchObject({ earlier: ['hat'] });
});

it('lists for a visitor who returns by the items of earlier sessions, as the model weighs them', async () => {
  const directory = join(testFolder(), 'model');
  const trained = await saveTinyModel(directory);
  const last = trained.history.at(-1) as EpochRecord;
  const history = [{ ...last, earlier: { fed: 1, first: 50, later: 0.5 } }];
  const model = new Gru4Rec({ ...trained, history, engine });
  await model.save(directory);
  // A session is over after a millisecond.
  const sessions = new MemoryStore({ maxAgeMs: 1, rememberMs: DAY_MS });
  const { ask } = await startServer({ directory, sessions });
  const raised = (weight: number, ...items: string[]) => ({
    boost: { items: new Map(items.map((item) => [item, weight])) },
  });
  const first = await ask('/v1/sessions/v/recommendations?n=5');
  expect(first.body.source).toBe('trending');
  for (const item of ['1021', '1035']) await ask('/v1/sessions/v/events', { item, n: 0 });
  await setTimeout(20);
  const again = await ask('/v1/sessions/v/recommendations?n=5');
  expect(again.body).toMatchObject({ source: 'model', fallback: false });
  expect(again.body.items).toEqual(topOf(model, ['1035'], 5, raised(50, '1021', '1035')));
  const click = await ask('/v1/sessions/v/events', { item: '1007', n: 5, store: false });
  expect(click.body.items).toEqual(topOf(model, ['1035', '1007'], 5, raised(0.5, '1021', '1035')));
  const unseen = await ask('/v1/sessions/v/recommendations?n=5&excludeSeen=true');
  expect(idsOf(unseen)).toEqual(idsOf(again));
  await ask('/v1/sessions/v', undefined, { method: 'DELETE' });
  expect((await ask('/v1/sessions/v/recommendations?n=5')).body.source).toBe('trending');
});
