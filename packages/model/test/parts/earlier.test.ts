import type { Scorer } from '@gru4rec/metrics';
import { RandomStream } from '@gru4rec/random';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collectEarlier, raisedRank, visitorClicks } from '../../src/parts/earlier.ts';
import { fitEarlier } from '../../src/parts/fit-earlier.ts';
import { dataOf, inBlocks, trainOn } from '../tiny-data.ts';

const ids = Array.from({ length: 40 }, (_, item) => `i${item}`);

/** Three sessions per visitor of random items; with `returns`, the later ones begin with items of the first. */
function logOf(visitors: number, returns: boolean) {
  const random = new RandomStream(1, 'visitors');
  const item = () => ids[Math.floor(random.nextFloat() * ids.length)] as string;
  const firsts = Array.from({ length: visitors }, () => [item(), item(), item()]);
  const again = (first: string[], at: number) => (returns ? (first[at] as string) : item());
  const sessions = [0, 1, 2].flatMap((round) =>
    firsts.map((first) => (round === 0 ? first : [again(first, 0), again(first, 1), item()])),
  );
  const sessionIds = sessions.map((_, at) => `v#${at % visitors}#${1 + Math.floor(at / visitors)}`);
  const data = dataOf(ids, sessions);
  return { ...data, train: { ...data.train, sessionIds } };
}

const config = { holdOut: 1 / 3, nEpochs: 1, parts: ['network', 'repeats'] };

describe('earlier', () => {
  it('raises items of earlier sessions that visitors click again, as streamed as in memory', async () => {
    const data = logOf(60, true);
    const { earlier } = await trainOn(data, config);
    expect(earlier?.first).toBeGreaterThan(0);
    expect(earlier?.later).toBeGreaterThan(0);
    const { onDisk, inMemory } = inBlocks(data, 7);
    const readIds = async (index: number) => data.train.sessionIds.slice(7 * index, 7 * (index + 1));
    const streamed = await trainOn({ ...onDisk, train: { ...onDisk.train, readIds } }, config);
    expect(streamed.earlier).toEqual((await trainOn(inMemory, config)).earlier);
    expect(streamed.earlier?.fed).toBeGreaterThan(0);
  });

  it('chooses none without repeats across sessions, and is absent with few visitors or ids of no visitors', async () => {
    const recorded = async (data: ReturnType<typeof logOf>) =>
      (await trainOn(data, config)).history.findLast(({ earlier }) => earlier)?.earlier;
    expect(await recorded(logOf(60, false))).toEqual({ fed: 0, first: 0, later: 0 });
    const data = logOf(60, true);
    const sessionIds = data.train.sessionIds.map((id) => id.replaceAll('#', '-'));
    expect(await recorded({ ...data, train: { ...data.train, sessionIds } })).toBeUndefined();
  });

  it('changes no tensor', async () => {
    const data = logOf(60, true);
    const { sessionIds: _, ...train } = data.train;
    expect((await trainOn(data, config)).tensors).toEqual(
      (await trainOn({ ...data, train }, config)).tensors,
    );
  });

  it('ranks as sorted scores of which earlier ones are raised', () => {
    const scores = fc.array(fc.integer({ min: -5, max: 5 }), { minLength: 6, maxLength: 6 });
    const earlier = fc.uniqueArray(fc.nat(5));
    fc.assert(
      fc.property(scores, earlier, fc.nat(5), fc.nat(7), (given, items, target, weight) => {
        const raised = given.map((score, item) => score + (items.includes(item) ? weight : 0));
        const better = raised.filter((score) => score > (raised[target] as number)).length;
        const click = { scores: Float64Array.from(given), earlier: items, target, isFirst: true, session: 0 };
        expect(raisedRank(click, weight)).toBe(1 + better);
      }),
    );
  });

  it('feeds the last distinct items of earlier sessions and predicts the first click from them', async () => {
    const fed: number[][] = [];
    const scorer: Scorer = {
      name: 'log',
      itemCount: 5,
      open: () => ({
        step(input, resetMask) {
          fed.push([...input, ...resetMask]);
          return new Float32Array(5);
        },
        close: () => undefined,
      }),
    };
    const table = (sessionIds: string[], sessions: number[][]) => ({
      sessionIds,
      sessionOffsets: Int32Array.from([
        0,
        ...sessions.map((_, at) => sessions.slice(0, at + 1).flat().length),
      ]),
      items: Int32Array.from(sessions.flat()),
    });
    const test = table(['a#3', 'b#1'], [[4], [1]]);
    const earlier = await collectEarlier(test, [table(['a#1', 'c#1', 'a#2'], [[0, 1], [3], [2, 0]])]);
    expect([...earlier]).toEqual([
      ['a#3', [0, 2, 1]],
      ['b#1', []],
    ]);
    const popularity = new Float32Array(5);
    const clicks = [...visitorClicks(scorer, test, earlier, { fed: 2, popularity })];
    expect(clicks.map(({ target, isFirst, session }) => [target, isFirst, session])).toEqual([
      [1, true, 1],
      [4, true, 0],
    ]);
    expect(fed.map(([item, , reset]) => [item, reset])).toEqual([
      [2, 1],
      [0, 0],
    ]);
    expect(fitEarlier(scorer, test, earlier, popularity)).toBeUndefined();
  });
});
