import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { SessionDraws } from '../src/bootstrap.ts';

describe('SessionDraws', () => {
  it.each([1, 2, 7, 1000, 4097])('draws %i sessions like nextBelow', (sessions) => {
    const draws = new SessionDraws(3, sessions);
    const stream = new RandomStream(3, 'metrics.bootstrap');
    for (let draw = 0; draw < 5; draw++) {
      const expected = Array.from({ length: sessions }, () => stream.nextBelow(sessions));
      expect([...draws.next()]).toEqual(expected);
    }
  });
});
