import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecentlyUsed } from '../../src/live/recently-used.ts';

describe('RecentlyUsed', () => {
  it('gives the least recently used value', () => {
    const held = new RecentlyUsed<number>();
    held.use('a', 1);
    held.use('b', 2);
    expect(held.oldest()).toEqual(['a', 1]);
    held.use('a', 3);
    expect(held.oldest()).toEqual(['b', 2]);
    expect(held.peek('a')).toBe(3);
  });

  it('starts again after it was empty', () => {
    const held = new RecentlyUsed<number>();
    expect(held.oldest()).toBeUndefined();
    held.use('a', 1);
    expect(held.oldest()).toEqual(['a', 1]);
    held.delete('a');
    expect(held.oldest()).toBeUndefined();
    held.use('b', 2);
    expect(held.oldest()).toEqual(['b', 2]);
    expect(held.size).toBe(1);
  });

  it('agrees with a sorted list', () => {
    const action = fc.record({ act: fc.constantFrom('use', 'delete', 'oldest'), key: fc.nat({ max: 6 }) });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const held = new RecentlyUsed<number>();
        let list: string[] = [];
        for (const [i, { act, key: number }] of actions.entries()) {
          const key = String(number);
          if (act !== 'oldest') list = list.filter((other) => other !== key);
          if (act === 'use') {
            list.push(key);
            held.use(key, i);
          } else if (act === 'delete') held.delete(key);
          else expect(held.oldest()?.[0]).toBe(list[0]);
          expect(held.size).toBe(list.length);
        }
      }),
      { seed: 1 },
    );
  });
});
