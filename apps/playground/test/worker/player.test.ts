import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { Gru4Rec } from '@gru4rec/model';
import { beforeAll, describe, expect, it } from 'vitest';
import { firstPlay, type Play } from '../../src/page/session.ts';
import { Player } from '../../src/page/worker/player.ts';
import { fitBaselines, trainHere } from '../../src/page/worker/train-here.ts';
import { catalogue, data } from './tiny-shop.ts';

let model: Gru4Rec;
let player: Player;

beforeAll(async () => {
  model = await trainHere(
    data,
    undefined,
    { preset: 'own', loss: 'cross-entropy', units: 16, epochs: 6 },
    { engine: createWasmEngine({ threads: 1 }), onProgress: () => {} },
  );
  player = new Player(model, catalogue, fitBaselines(data));
  player.warmUp();
});

const play = (clicks: string[], values: Partial<Play> = {}): Play => ({ ...firstPlay, clicks, ...values });
const idsOf = (answered: ReturnType<Player['answer']>, list = 0): string[] =>
  (answered.lists[list]?.items ?? []).map(({ id }) => id);

describe('Player', () => {
  it('lists what a session of the model lists, and what follows by the baselines', () => {
    const answer = player.answer(play(['c', 'd'], { count: 3 }));
    expect(answer.lists.map(({ name }) => name)).toEqual(['GRU4Rec', 'SR', 'S-KNN']);
    const session = model.startSession();
    session.click('c');
    session.click('d');
    const expected = session.recommend(3, { excludeSeen: true, deny: ['j'] });
    expect(answer.lists[0]?.items).toEqual(expected.map(({ id, score }) => ({ id, score })));
    expect(idsOf(answer)[0]).toBe('e');
    expect(idsOf(answer, 1)).toEqual(['e', 'f', 'g']);
    // It knows no order: what comes before is as near as what follows.
    expect(idsOf(answer, 2).slice(0, 2).sort()).toEqual(['b', 'e']);
    for (const { milliseconds } of answer.lists) expect(milliseconds).toBeGreaterThan(0);
  });

  it('answers alike, whether a session grew click by click, was undone, or came at once', () => {
    const fresh = new Player(model, catalogue, fitBaselines(data));
    const atOnce = fresh.answer(play(['a', 'b', 'c']));
    player.answer(play(['a']));
    player.answer(play(['a', 'b']));
    const grown = player.answer(play(['a', 'b', 'c']));
    player.answer(play(['a', 'b', 'c', 'h']));
    const undone = player.answer(play(['a', 'b', 'c']));
    const items = (answer: typeof grown) => answer.lists.map((list) => list.items);
    expect(items(grown)).toEqual(items(atOnce));
    expect(items(undone)).toEqual(items(atOnce));
  });

  it('has in all lists only what the filters allow', () => {
    for (const list of [0, 1, 2]) {
      const all = player.answer(play(['a', 'b'], { hideSeen: false, count: 50 }));
      expect(new Set(idsOf(all, list))).toEqual(new Set('abcdefghi'));
      expect(idsOf(player.answer(play(['a', 'b'])), list)).not.toContain('a');
      const some = player.answer(play(['a', 'b'], { groups: ['second'], hidden: ['g'], count: 50 }));
      expect(new Set(idsOf(some, list))).toEqual(new Set('fhi'));
      const perGroup = player.answer(play(['a', 'b'], { perGroup: 2 }));
      expect(
        idsOf(perGroup, list)
          .map((id) => catalogue.groupOf(id))
          .sort(),
      ).toEqual(['first', 'first', 'second', 'second']);
    }
  });

  it('skips clicks that the model does not know, and says which', () => {
    const answer = player.answer(play(['x', 'c', 'y']));
    expect(answer.unknown).toEqual(['x', 'y']);
    expect(idsOf(answer)[0]).toBe('d');
    expect(player.answer(play(['x']))).toEqual({ lists: [], unknown: ['x'] });
    expect(player.answer(play([]))).toEqual({ lists: [], unknown: [] });
  });

  it('explains a list: the last click decides, where one item follows another', () => {
    const asked = play(['g', 'x', 'c'], { count: 4 });
    const explanation = player.explain(asked);
    const { measure, clicks } = explanation ?? { clicks: [] };
    expect(measure).toBe('log-probability');
    expect(clicks.map(({ position }) => position)).toEqual([0, 1]);
    expect(clicks[1]?.changes[0]).toBeGreaterThan(1);
    expect(clicks[1]?.places[0]).toBeGreaterThan(1);
    expect(clicks.every(({ changes }) => changes.length === 4)).toBe(true);
    const sums = explanation?.parts.map((parts) => Object.values(parts).reduce((sum, added) => sum + added));
    const { items = [] } = player.answer(asked).lists[0] ?? {};
    expect(sums).toEqual(items.map(({ score }) => expect.closeTo(score, 5)));
    expect(Object.keys(explanation?.parts[0] ?? {})).toEqual(model.config.parts);
    expect(player.explain(play([]))).toBeUndefined();
  });
});
