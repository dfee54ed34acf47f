import { describe, expect, it } from 'vitest';
import { type Answers, answerWith } from '../../src/recommending/recommendations.ts';

const items = Array.from({ length: 30 }, (_, i) => ({ itemId: `i${i}`, score: -i }));
const answers: Answers = {
  top: (n) => items.slice(0, n),
  rank: (itemIds) => ({ items: items.filter(({ itemId }) => [...itemIds].includes(itemId)), unknown: [] }),
};
const candidates = items.slice(2, 27).map(({ itemId }) => itemId);

describe('answerWith', () => {
  it('gives 20 items, all candidates or the requested number', () => {
    const count = (top?: number, list?: readonly string[]) =>
      answerWith(answers, { top, candidates: list, selection: {} }).length;
    expect([count(), count(3), count(undefined, candidates), count(3, candidates)]).toEqual([20, 3, 25, 3]);
  });

  it('names the groups in use', () => {
    const groups = new Map([['i0', 'x']]);
    expect(answerWith(answers, { top: 2, candidates: undefined, selection: { groups } })).toEqual([
      { itemId: 'i0', score: -0, group: 'x' },
      { itemId: 'i1', score: -1 },
    ]);
  });
});
