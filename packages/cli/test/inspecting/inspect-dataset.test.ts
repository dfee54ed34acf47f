import { baselineNames } from '@gru4rec/baselines';
import { describe, expect, it } from 'vitest';
import { adviceOn, type InspectedFigures } from '../../src/inspecting/inspect-dataset.ts';
import { runHere } from '../run-trainer.ts';

const DAY_MS = 86_400_000;

/** Figures of which nothing stands out. */
const plain = {
  ...{ format: 'gru4rec-inspection', version: 1, data: 'data', items: 100, coldItems: 0 },
  splits: { train: { sessions: 100, events: 300 } },
  lengths: { mean: 3, median: 3, longest: 12, groups: [] },
  concentration: { top1: 0.05, top10: 0.2, rare: 0.1 },
  repeats: { anyBefore: 0.04, justBefore: 0.01, reloads: 0.01 },
  time: { fromMs: 0, toMs: 7 * DAY_MS, periodMs: DAY_MS, counts: [] },
  lifetime: { medianDays: 3, withinDay: 0.2 },
} satisfies InspectedFigures;

const heldOut: NonNullable<InspectedFigures['heldOut']> = {
  split: 'test',
  unseen: 0.01,
  duplicates: 0.01,
  laterTraining: 0,
  repeats: { anyBefore: 0.02, justBefore: 0, reloads: 0 },
};

describe('adviceOn', () => {
  it('is silent if nothing stands out', () => {
    expect(adviceOn(plain)).toEqual([]);
    expect(adviceOn({ ...plain, heldOut })).toEqual([]);
  });

  it.each<[Partial<InspectedFigures>, string]>([
    [
      { repeats: { anyBefore: 0.31, justBefore: 0, reloads: 0 } },
      '31 % of the clicks repeat an item of the session: train with a preset, which fits its part repeats to them',
    ],
    [
      { heldOut: { ...heldOut, repeats: { anyBefore: 0.052, justBefore: 0, reloads: 0 } } },
      '5.2 % of the test clicks repeat an item of the session: train with a preset',
    ],
    [{ repeats: { anyBefore: 0.04, justBefore: 0.05, reloads: 0.05 } }, 'prepare with --collapse-repeats'],
    [{ heldOut: { ...heldOut, unseen: 0.05 } }, '5.0 % of the test clicks are on items unseen in training'],
    [
      { heldOut: { ...heldOut, duplicates: 0.5 } },
      '50 % of the test sessions of three distinct items or more have exactly the items of a training session',
    ],
    [{ heldOut: { ...heldOut, laterTraining: 0.02 } }, 'the split leaks the future'],
    [
      { lifetime: { medianDays: 1, withinDay: 0.5 } },
      "50 % of the clicks come within a day of the item's first: train daily (--continue), and compare with r-pop",
    ],
    [
      { concentration: { ...plain.concentration, top1: 0.74 } },
      'The top 1 % of the items have 74 % of the clicks',
    ],
    [{ concentration: { ...plain.concentration, rare: 0.77 } }, '77 % of the items have fewer than 5 clicks'],
    [
      { lengths: { ...plain.lengths, longest: 151 } },
      'The longest session has 151 clicks, 50 times the mean',
    ],
  ])('says what to do about %j', (change, advice) => {
    expect(adviceOn({ ...plain, ...change })).toEqual([expect.stringContaining(advice)]);
  });

  it('names only options of prepare and train, and baselines of compare', async () => {
    const everything = adviceOn({
      ...plain,
      ...{ repeats: { anyBefore: 1, justBefore: 1, reloads: 1 }, lifetime: { medianDays: 1, withinDay: 1 } },
      ...{ heldOut: { ...heldOut, unseen: 1, duplicates: 1, laterTraining: 1 } },
      concentration: { ...plain.concentration, top1: 1, rare: 1 },
      lengths: { ...plain.lengths, longest: 1000 },
    }).join('\n');
    const helps = [await runHere('', 'prepare', '--help'), await runHere('', 'train', '--help')];
    const known = helps.map(({ stdout }) => stdout).join('');
    const options = everything.match(/--[a-z-]+/g) ?? [];
    expect(options.length).toBeGreaterThan(5);
    expect(options.filter((option) => !known.includes(` ${option} `))).toEqual([]);
    const names = [...everything.matchAll(/compare with ([a-z- ]+)/g)].flatMap(([, list = '']) =>
      list.split(' and '),
    );
    expect(names.length).toBeGreaterThan(1);
    expect(names.filter((name) => !(baselineNames as readonly string[]).includes(name))).toEqual([]);
  });

  it('does not call items short-lived in a log of less than a week', () => {
    const time = { ...plain.time, toMs: 6 * DAY_MS };
    expect(adviceOn({ ...plain, time, lifetime: { medianDays: 1, withinDay: 0.9 } })).toEqual([]);
  });
});
