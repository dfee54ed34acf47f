import { rankOf, type TargetRanks, topItems } from '@gru4rec/metrics';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import type { Gru4Rec } from '../src/gru4rec.ts';
import { configurations, trainLive } from './live/live-models.ts';
import { engines } from './tiny-data.ts';

const [slots, itemCount] = [9, 30];
/** One item per step and slot. Slot 1 starts a session in step 2; the last slot is idle. */
const itemOf = (step: number, slot: number): number =>
  slot === slots - 1 ? -1 : (7 * step + 11 * slot + step * slot) % itemCount;
const inputs = [0, 1, 2, 3].map((step) =>
  Int32Array.from({ length: slots }, (_, slot) => itemOf(step, slot)),
);
const resets = inputs.map((_, step) =>
  Float32Array.from({ length: slots }, (_, slot) => Number(step === 0 || (step === 2 && slot === 1))),
);
const targetOf = (step: number): Int32Array =>
  Int32Array.from(inputs[step]!, (_, slot) => itemOf(step + 1, slot));

/** Scores after each step, only from `step`. */
function allScores(model: Gru4Rec): Float64Array[] {
  const session = model.scorer().open(slots);
  const scores = inputs.map((input, step) => Float64Array.from(session.step(input, resets[step]!)));
  session.close();
  return scores;
}

function expectStandings(actual: TargetRanks, scores: Float64Array, target: Int32Array, k: number): void {
  for (let slot = 0; slot < slots - 1; slot++) {
    const row = scores.subarray(slot * itemCount, (slot + 1) * itemCount);
    const better = rankOf(row, target[slot]!, 'standard') - 1;
    const equal = rankOf(row, target[slot]!, 'conservative') - better;
    const list = Array.from({ length: k }, (_, place) => actual.top[place * slots + slot]);
    expect({ better: actual.better[slot], equal: actual.equal[slot], list }).toEqual({
      better,
      equal,
      list: [...topItems(row, k)],
    });
  }
}

describe.each(configurations)('scorer with %s', (_name, values) => {
  it.each(engines)('ranks like its scores, in steps of either kind, on %s', async (_engine, engine) => {
    const model = (await trainLive(values))(engine);
    const scores = allScores(model);
    const session = model.scorer().open(slots);
    const ranked = (step: number, k: number): void => {
      const target = targetOf(step);
      expectStandings(session.rank!(inputs[step]!, resets[step]!, target, k), scores[step]!, target, k);
    };
    ranked(0, 5);
    expect(Float64Array.from(session.step(inputs[1]!, resets[1]!))).toEqual(scores[1]);
    ranked(2, 5);
    ranked(3, itemCount);
    session.close();
  });

  it('explains scores as sums, before the activation', async () => {
    const model = (await trainLive(values))();
    const ids = [...model.itemIds];
    const session = model.startSession();
    const clicked = [4, 9, 4].map((item) => String(ids[item]));
    for (const id of clicked) session.click(id);
    const ranked = session.rank(ids).items;
    const sums = model
      .explain(
        clicked,
        ranked.map(({ id }) => id),
      )
      .map((added) => Object.values(added).reduce((sum, one) => sum + one));
    const elu = (sum: number) => (sum > 0 ? sum : 0.5 * Math.expm1(sum));
    const scores = model.config.finalAct === 'elu-0.5' ? sums.map(elu) : sums;
    expectClose(
      scores,
      ranked.map(({ score }) => score),
      { absolute: 1e-5, relative: 1e-5 },
    );
  });
});

describe('scorer', () => {
  it('refuses another number of items than slots', async () => {
    const session = (await trainLive())().scorer().open(2);
    const one = Int32Array.of(3);
    expect(() => session.step(one, new Float32Array(2))).toThrow(
      new RangeError('step: "input" expected 2 items, one per slot, got 1'),
    );
    expect(() => session.rank!(one, new Float32Array(2), new Int32Array(2), 3)).toThrow(
      new RangeError('rank: "input" expected 2 items, one per slot, got 1'),
    );
  });

  it('ranks a single slot', async () => {
    const model = (await trainLive())();
    const session = model.scorer().open(1);
    const [input, reset, target] = [Int32Array.of(4), Float32Array.of(1), Int32Array.of(9)];
    const row = Float32Array.from(session.step(input, reset));
    const { better, equal, top } = session.rank!(input, reset, target, 3);
    expect([better[0]! + 1, equal[0]]).toEqual([rankOf(row, 9), 1]);
    expect([...top]).toEqual([...topItems(row, 3)]);
  });
});
