import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Action,
  act,
  firstPlay,
  fromFragment,
  type History,
  MOST_CLICKS,
  type Play,
  startHistory,
  toFragment,
} from '../src/page/session.ts';

const after = (actions: readonly Action[], start: History = startHistory()): History =>
  actions.reduce(act, start);
const click = (item: string): Action => ({ type: 'click', item });

describe('act', () => {
  it('appends clicks, also of the same item, and removes one by its position', () => {
    const history = after([click('a'), click('b'), click('a'), { type: 'remove', position: 0 }]);
    expect(history.present.clicks).toEqual(['b', 'a']);
  });

  it('keeps the latest clicks of a long session', () => {
    const { clicks } = after(Array.from({ length: MOST_CLICKS + 2 }, (_, n) => click(`${n}`))).present;
    expect(clicks).toHaveLength(MOST_CLICKS);
    expect(clicks.at(-1)).toBe(`${MOST_CLICKS + 1}`);
  });

  it('undoes and redoes every kind of change', () => {
    const changes: Action[] = [
      click('a'),
      { type: 'hide', item: 'x' },
      { type: 'group', group: 'shoes', on: true },
      { type: 'set', values: { count: 20, hideSeen: false, perGroup: 2 } },
      { type: 'clear' },
    ];
    const full = after(changes);
    const shown = { count: 20, hideSeen: false, hidden: ['x'], groups: ['shoes'], perGroup: 2 };
    expect(full.present).toEqual({ clicks: [], ...shown });
    const repeat = (type: 'undo' | 'redo') => changes.map(() => ({ type }));
    const undone = after(repeat('undo'), full);
    expect(undone.present).toEqual(firstPlay);
    expect(after(repeat('redo'), undone).present).toEqual(full.present);
  });

  it('undoes nothing at the start, and redoes nothing after another change', () => {
    expect(after([{ type: 'undo' }])).toEqual(startHistory());
    const history = after([click('a'), { type: 'undo' }, click('b'), { type: 'redo' }]);
    expect(history.present.clicks).toEqual(['b']);
  });

  it('records no change where nothing changes', () => {
    expect(after([{ type: 'clear' }]).past).toEqual([]);
    const hide: Action = { type: 'hide', item: 'x' };
    expect(after([hide, hide]).past).toHaveLength(1);
  });

  it('shows a hidden item and drops a group again', () => {
    const { present } = after([
      { type: 'hide', item: 'x' },
      { type: 'hide', item: 'y' },
      { type: 'show', item: 'x' },
      { type: 'group', group: 'g', on: true },
      { type: 'group', group: 'g', on: true },
      { type: 'group', group: 'h', on: true },
      { type: 'group', group: 'g', on: false },
    ]);
    expect(present).toMatchObject({ hidden: ['y'], groups: ['h'] });
  });

  it('starts anew with a play from an address', () => {
    const play = { ...firstPlay, clicks: ['z'] };
    expect(after([click('a'), { type: 'replace', play }])).toEqual(startHistory(play));
  });
});

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
