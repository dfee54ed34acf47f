import { describe, expect, it } from 'vitest';
import { pop } from '../src/pop.ts';
import { stepWith, toData } from './sessions.ts';

describe('pop', () => {
  it('scores items by their share of the training events, for any clicks', () => {
    const scorer = pop(
      toData(
        [
          [0, 1, 1],
          [1, 2],
        ],
        4,
      ),
    );
    expect(scorer.name).toBe('POP');
    const row = [1 / 5, 3 / 5, 1 / 5, 0];
    expect(stepWith(scorer.open(2), [3, -1], [1, 0])).toEqual([...row, ...row]);
  });
});
