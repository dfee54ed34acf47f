import { expect, it } from 'vitest';
import { greyNote, HIGHLIGHTED, lookOf, seedLook } from '../../src/charts/chart.ts';
import { fakeReport } from '../fake-report.ts';

it('lookOf gives each of the best five its own colour, shape and dash, and all others grey', () => {
  const looks = Array.from({ length: HIGHLIGHTED }, (_, rank) => lookOf(rank));
  expect(looks.map(({ color }) => color)).toEqual([1, 2, 3, 4, 5].map((n) => `var(--c${n})`));
  expect(new Set(looks.map(({ symbol }) => symbol)).size).toBe(5);
  expect(new Set(looks.map(({ dash }) => String(dash))).size).toBe(5);
  expect(lookOf(HIGHLIGHTED)).toEqual(lookOf(99));
  expect(lookOf(99).highlighted).toBe(false);
});

it('seedLook uses the model’s colour for all its seeds, with another dash per seed', () => {
  const looks = [0, 1, 2, 3, 4].map((place) => seedLook(2, place));
  expect(new Set(looks.map(({ color }) => color))).toEqual(new Set(['var(--c3)']));
  expect(new Set(looks.map(({ dash }) => String(dash))).size).toBe(5);
  expect(seedLook(2, 5)).toEqual(seedLook(2, 0));
  expect(seedLook(HIGHLIGHTED, 0).color).toBe('var(--other-dot)');
});

it('greyNote counts the models in grey', () => {
  const note = (models: number): string => greyNote(fakeReport.models.slice(0, models));
  expect([5, 6, 14].map(note)).toEqual([
    '',
    'In colour: the best 5 by MRR. Grey: the other model.',
    'In colour: the best 5 by MRR. Grey: the other 9 models.',
  ]);
});
