import { RandomStream } from '@gru4rec/random';
import { describe, expect, it } from 'vitest';
import { RankWindow } from '../../src/online/rank-window.ts';

const MISS = Number.POSITIVE_INFINITY;

describe('RankWindow', () => {
  it('has recall and MRR per length of the list', async () => {
    const window = new RankWindow([1, 3], 10);
    const first = window.add(undefined, 1, 3);
    window.add(first, 2, 3);
    window.add(first, MISS, 3);
    window.add(undefined, 4, 5);
    const [at1, at3] = await window.figures();
    expect(at1).toMatchObject({ k: 1, sessions: 2, predictions: 4, recall: 1 / 4, mrr: 1 / 4 });
    expect(at3).toMatchObject({ k: 3, sessions: 2, predictions: 4, recall: 2 / 4, mrr: (1 + 1 / 2) / 4 });
  });

  it('takes no recall@k from shorter lists', async () => {
    const window = new RankWindow([1, 3], 10);
    window.add(undefined, 1, 2);
    expect((await window.figures()).map(({ k }) => k)).toEqual([1]);
  });

  it('is about the latest sessions; one that has left comes in again with later clicks', async () => {
    const window = new RankWindow([1], 2);
    const first = window.add(undefined, 1, 1);
    window.add(first, 1, 1);
    window.add(undefined, MISS, 1);
    window.add(undefined, MISS, 1);
    expect(await window.figures()).toMatchObject([{ sessions: 2, predictions: 2, recall: 0 }]);
    window.add(first, 1, 1);
    expect(await window.figures()).toMatchObject([{ sessions: 2, predictions: 2, recall: 1 / 2 }]);
  });

  it('has no intervals of fewer than 30 sessions', async () => {
    const window = new RankWindow([1], 100);
    for (let session = 0; session < 29; session++) window.add(undefined, 1 + (session % 2), 1);
    expect(await window.figures()).toMatchObject([{ recallInterval: null, mrrInterval: null }]);
    window.add(undefined, 1, 1);
    expect((await window.figures())[0].recallInterval).not.toBeNull();
  });
});

it.each([50, 1000])(
  'intervals of %i sessions cover the true recall and MRR in about 95 of 100 runs',
  async (sessions) => {
    const random = new RandomStream(5, 'test.rank-window');
    const runs = 200;
    const covered = { recall: 0, mrr: 0 };
    for (let run = 0; run < runs; run++) {
      const window = new RankWindow([5], sessions);
      for (let session = 0; session < sessions; session++) {
        // Clicks of a session are alike: half of the sessions find 60 % at rank 2, half 20 %.
        const share = random.nextFloat() < 0.5 ? 0.6 : 0.2;
        let place: number | undefined;
        const clicks = 1 + random.nextBelow(6);
        for (let click = 0; click < clicks; click++) {
          place = window.add(place, random.nextFloat() < share ? 2 : MISS, 5);
        }
      }
      const [{ recallInterval, mrrInterval }] = await window.figures();
      const covers = (interval: readonly [number, number] | null, value: number) =>
        Number(interval !== null && interval[0] <= value && value <= interval[1]);
      covered.recall += covers(recallInterval, 0.4);
      covered.mrr += covers(mrrInterval, 0.2);
    }
    for (const count of Object.values(covered)) expect(count / runs).toBeGreaterThan(0.9);
  },
);
