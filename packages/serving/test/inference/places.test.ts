import { createWasmEngine } from '@gru4rec/engine-wasm';
import { ItemSelector } from '@gru4rec/model';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Inference } from '../../src/inference/inference.ts';
import { LoopInference } from '../../src/inference/loop-inference.ts';
import { type IndexRules, noRules } from '../../src/inference/messages.ts';
import { type BatchTimes, inferenceLimits } from '../../src/inference/model-version.ts';
import {
  createEngine,
  type Running,
  saveTinyModel,
  startServer,
  startThread,
  statusOf,
  topOf,
} from '../tiny-server.ts';

let loop: Running;
let thread: Running;
beforeAll(async () => {
  const onLoop = { createEngine, watchMs: 0, inference: { maxLoopMs: 1000 } };
  loop = await startServer(onLoop, afterAll);
  // The same folder, above the limit, which no answer can keep.
  const inThread = { ...onLoop, directory: loop.directory, startThread, inference: { maxLoopMs: 0 } };
  thread = await startServer(inThread, afterAll);
}, 60_000);

/** What a server answers, without the random id. */
async function answerOf({ ask }: Running, path: string, body?: object) {
  const { status, body: answer } = await ask(path, body);
  return { status, ...answer, recommendationId: undefined };
}

describe('a model on the event loop', () => {
  it('is one below the limit; others have their thread', async () => {
    expect([await statusOf(loop), await statusOf(thread)]).toMatchObject([
      { place: 'event loop', probing: null },
      { place: 'thread', probing: null },
    ]);
  });

  it('reads groups of items if it has more than exactItems', async () => {
    const grouped = await startServer({
      ...{ watchMs: 0, directory: loop.directory, inference: { maxLoopMs: 1000, exactItems: 10 } },
      createEngine: () => createWasmEngine({ threads: 1, screenFrom: 0, groupFrom: 2 }),
    });
    // So few groups that all are read.
    expect((await statusOf(grouped)).probing).toEqual({ share: 0.0025, recall: 1, recallP5: 1 });
    const request = ['/v1/recommend', { items: ['1021'], n: 30 }] as const;
    expect(await answerOf(grouped, ...request)).toEqual(await answerOf(loop, ...request));
  });

  it('answers as one in a thread, click by click, with all rules', async () => {
    const requests: (readonly [path: string, body?: object])[] = [
      ['/v1/sessions/ann/recommendations'],
      ...['1021', 'unknown', '1035', '1007'].map((item) => ['/v1/sessions/ann/events', { item }] as const),
      ['/v1/sessions/ann/recommendations?excludeSeen=true&n=7'],
      ['/v1/recommend', { items: ['1021'], n: 30, deny: ['1007'], boost: { items: { '1049': 3 } } }],
      ['/v1/recommend', { items: ['1021'], allow: ['1007', '1049'], pinned: [{ position: 2, item: '1' }] }],
      ['/v1/recommend', { items: ['1035'], maxPerGroup: 1, groups: { '1007': 'a', '1014': 'a' } }],
      ['/v1/recommend', { items: ['1035'], n: 7, maxPerGroup: 1, groups: { '1007': 'a' }, variety: 0.5 }],
      ['/v1/recommend', { items: ['unknown'], variety: 0.5 }],
      ['/v1/rank', { items: ['1021'], candidates: ['1007', 'unknown', '1014'], weight: 0.3 }],
      ['/v1/rank', { items: ['1021', '1035'], candidates: ['1007', '1014', 'unknown'] }],
    ];
    for (const [path, body] of requests) {
      expect(await answerOf(loop, path, body)).toEqual(await answerOf(thread, path, body));
    }
  });

  it('is replaced while it serves, and its sessions go on', async () => {
    await loop.ask('/v1/sessions/eve/events', { item: '1021' });
    const next = await saveTinyModel(loop.directory, { layers: [7] });
    const [, ...asked] = await Promise.all([
      loop.ask('/v1/models/shop/load', {}),
      ...Array.from({ length: 20 }, () => loop.ask('/v1/sessions/eve/recommendations')),
    ]);
    expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 200));
    expect((await statusOf(loop)).place).toBe('event loop');
    const { body } = await loop.ask('/v1/sessions/eve/events', { item: '1035', n: 9 });
    expect(body.items).toEqual(topOf(next, ['1021', '1035'], 9));
  });
});

describe.each(['event loop', 'thread'])('a question that makes a model on the %s throw', (place) => {
  it('fails without those beside it, whose sessions have each click once', async () => {
    const failures: Error[] = [];
    const options = { ...inferenceLimits, onFailure: (error: Error) => void failures.push(error) };
    const inference =
      place === 'thread'
        ? await Inference.start({ directory: thread.directory }, { ...options, startThread })
        : await LoopInference.open(thread.directory, createEngine(), options);
    const ask = (sessionId: string, items: readonly number[], n = 5) =>
      inference.ask({ sessionId, dropped: 0, items, n, rules: noRules });
    await Promise.all([ask('ann', [3]), ask('bob', [4])]);
    const together = [
      ask('ann', [3, 7]),
      // No array has this length; the engine has no such item.
      ask('eve', [5], Number.NEGATIVE_INFINITY),
      ask('bob', [4, 1e9]),
      ask('cid', [9]),
    ];
    const results = await Promise.allSettled(together);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled']);
    const later = await Promise.all([
      together[0],
      ask('ann', [3, 7, 8]),
      ask('bob', [4, 6]),
      ask('cid', [9, 2]),
      ask('eve', [5]),
    ]);
    const anew = [[3, 7], [3, 7, 8], [4, 6], [9, 2], [5]].map((items, at) => ask(`anew ${at}`, items));
    expect(later).toEqual(await Promise.all(anew));
    expect(failures).toEqual([]);
    await (await inference.close())?.terminate();
  });
});

describe('LoopInference', () => {
  async function open(limits: Partial<typeof inferenceLimits> = {}) {
    const batches: BatchTimes[] = [];
    const failures: Error[] = [];
    const inference = await LoopInference.open(thread.directory, createEngine(), {
      ...{ ...inferenceLimits, ...limits },
      onBatch: (batch) => void batches.push(batch),
      onFailure: (error) => void failures.push(error),
    });
    const ask = (items: readonly number[], rules: Partial<IndexRules> = {}) =>
      inference.ask({ sessionId: undefined, dropped: 0, items, n: 3, rules: { ...noRules, ...rules } });
    return { inference, ask, batches, failures };
  }

  it('answers what came together in turns of eight, and rules that need all scores one per turn', async () => {
    const { inference, ask, batches } = await open();
    await Promise.all(Array.from({ length: 20 }, (_, item) => ask([item])));
    expect(batches.map(({ size }) => size)).toEqual([8, 8, 4]);
    await Promise.all([ask([1]), ask([2], { itemBoosts: new Map([[3, 1]]) }), ask([3])]);
    expect(batches.slice(3).map(({ size }) => size)).toEqual([1, 1, 1]);
    await inference.close();
  });

  it('answers its questions before it closes, and refuses too many', async () => {
    const { inference, ask } = await open({ maxQueue: 9 });
    const asked = Array.from({ length: 9 }, () => ask([1]));
    expect(() => ask([1])).toThrow('Too many requests wait');
    await inference.close();
    expect((await Promise.all(asked)).map(({ items }) => items.length)).toEqual(asked.map(() => 3));
  });

  it('refuses all questions once it has failed', async () => {
    const { ask, failures } = await open();
    // Plain questions throw too, so the model is broken, and not a question.
    const broken = vi.spyOn(ItemSelector.prototype, 'select').mockImplementation(() => {
      throw new Error('out of memory');
    });
    const asked = await Promise.allSettled(Array.from({ length: 10 }, () => ask([1])));
    broken.mockRestore();
    expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 'rejected'));
    expect(failures.map(({ message }) => message)).toEqual(['out of memory']);
    expect(() => ask([1])).toThrow('The model has failed');
  });
});
