import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Cache } from '../../src/study/cache.ts';

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'study-cache-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('Cache', () => {
  it('makes a result once, and gives it to later runs with its typed arrays', async () => {
    const folder = makeFolder();
    let made = 0;
    const get = () =>
      new Cache(folder, 'code').get('rank', { seed: 1 }, async () => {
        made++;
        return { rank: Float64Array.of(1, Number.POSITIVE_INFINITY), note: undefined };
      });
    const first = await get();
    expect(await get()).toEqual(first);
    expect(made).toBe(1);
  });

  it('makes another result for another key, code or data', async () => {
    const folder = makeFolder();
    const cache = new Cache(folder, 'code');
    const keys = [
      cache.keyOf({ a: 1, b: 2 }),
      cache.keyOf({ a: 1, b: 3 }),
      cache.keyOf({ a: 1, b: Number.POSITIVE_INFINITY }),
      cache.keyOf({ a: 1, b: null }),
      new Cache(folder, 'other code').keyOf({ a: 1, b: 2 }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(cache.keyOf({ b: 2, a: 1 })).toBe(keys[0]);
  });

  it('keeps nothing of a result that fails', async () => {
    const folder = makeFolder();
    const cache = new Cache(folder, 'code');
    const failing = cache.get('x', 1, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(readdirSync(folder)).toEqual([]);
    expect(await cache.get('x', 1, async () => 7)).toBe(7);
  });
});
