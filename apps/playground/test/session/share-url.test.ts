import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstPlay, MOST_CLICKS, type Play } from '../../src/page/session/session-state.ts';
import { fromFragment, toFragment } from '../../src/page/session/share-url.ts';

describe('share-url', () => {
  it('is empty for the first play, and short for a session', () => {
    expect(toFragment(firstPlay)).toBe('');
    expect(toFragment({ ...firstPlay, clicks: ['101', '102'], count: 20 })).toBe('clicks=101,102&top=20');
  });

  it('returns any play, whatever its ids contain', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 });
    const ids = fc.array(text, { maxLength: MOST_CLICKS });
    const plays: fc.Arbitrary<Play> = fc.record({
      clicks: ids,
      count: fc.integer({ min: 1, max: 100 }),
      hideSeen: fc.boolean(),
      hidden: ids,
      groups: ids,
      perGroup: fc.integer({ min: 0, max: 100 }),
    });
    fc.assert(
      fc.property(plays, (play) => {
        const fragment = toFragment(play);
        expect(fromFragment(`#${fragment}`)).toEqual(play);
        // As a browser would keep it.
        expect(new URL(`#${fragment}`, 'http://a/').hash.slice(1)).toBe(fragment);
      }),
    );
  });

  it.each([
    ['nonsense', firstPlay],
    ['clicks=%E0%A4%A,b', { ...firstPlay, clicks: ['b'] }],
    ['clicks=,,a,', { ...firstPlay, clicks: ['a'] }],
    ['top=0&per-group=-3&seen=perhaps', firstPlay],
    ['top=1.5&per-group=1e9', firstPlay],
  ])('takes the first play’s values for what is wrong in %s', (fragment, expected) => {
    expect(fromFragment(fragment)).toEqual(expected);
  });

  it('takes the latest clicks of a longer session', () => {
    const ids = Array.from({ length: MOST_CLICKS + 5 }, (_, n) => `${n}`);
    expect(fromFragment(`clicks=${ids.join(',')}`).clicks).toEqual(ids.slice(-MOST_CLICKS));
  });
});
