import { alteredJson } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { parseSpace } from '../../src/space.ts';
import {
  checkSameStudy,
  checkStudy,
  checkTrials,
  checkValues,
  StudyError,
  type StudyRecord,
} from '../../src/storage/storage.ts';

const space = parseSpace({
  x: { type: 'uniform', low: 0, high: 1 },
  loss: { type: 'choice', options: ['a', []] },
});

describe('checkStudy and checkTrials', () => {
  const study = {
    space,
    direction: 'maximize',
    sampler: { name: 'x' },
    pruner: null,
    seed: '1',
    fingerprint: {},
  };
  const trial = { number: 0, values: { x: 1 }, state: 'complete', value: 1, startedMs: 1, endedMs: 2 };
  const trials = [{ ...trial, reports: [{ step: 1, value: 2 }] }];

  it.each([
    ['checkStudy', study, checkStudy],
    ['checkTrials', trials, checkTrials],
  ])('%s keeps any value exactly or refuses it in one line', (_, found, check) => {
    let taken = 0;
    for (const { value } of alteredJson(found)) {
      try {
        check((Array.isArray(found) ? Object.values(value as object) : value) as never, 'place');
        taken++;
      } catch (error) {
        expect(error).toBeInstanceOf(StudyError);
        const { message } = error as StudyError;
        expect(message).toContain('at place');
        expect(message.length).toBeLessThan(400);
        expect(message).not.toMatch(/\n|undefined|\[object/);
      }
    }
    expect(taken).toBeGreaterThan(5);
  });
});

const kept: StudyRecord = {
  space: parseSpace({ rate: { type: 'uniform', low: 0, high: 1 }, units: 100 }),
  direction: 'maximize',
  sampler: { name: 'random' },
  pruner: null,
  seed: '1',
  fingerprint: { dataset: 'abc', base: { loss: 'bpr-max', layers: [100] } },
};

describe('checkSameStudy', () => {
  it('accepts the same study with its keys in any order', () => {
    const { rate, units } = kept.space;
    const fingerprint = { base: { layers: [100], loss: 'bpr-max' }, dataset: 'abc' };
    expect(() => checkSameStudy(kept, { ...kept, space: { units, rate }, fingerprint }, 'x')).not.toThrow();
  });

  it.each<[Partial<StudyRecord>, string]>([
    [{ seed: '2' }, '"seed" expected "1", got "2"'],
    [{ pruner: { name: 'median' } }, '"pruner.name" expected nothing, got "median"'],
    [{ fingerprint: { ...kept.fingerprint, more: {} } }, '"fingerprint.more" expected nothing, got {}'],
    [
      { fingerprint: { dataset: 'abc' } },
      '"fingerprint.base.loss" expected "bpr-max", got nothing; "fingerprint.base.layers" expected [100], got nothing',
    ],
    [
      { space: parseSpace({ rate: 0.5, units: 100, more: 1 }) },
      '"space.rate" expected {"high":1,"low":0,"type":"uniform"}, got {"type":"constant","value":0.5}; "space.more" expected nothing, got {"type":"constant","value":1}',
    ],
  ])('refuses %j', (changed, message) => {
    expect(() => checkSameStudy(kept, { ...kept, ...changed }, '/a/study')).toThrow(
      new StudyError(
        `runStudy: ${message}, at /a/study. Continue the study with the settings it was started with, or name another study.`,
      ),
    );
  });
});

describe('checkStudy, checkTrials and checkValues', () => {
  const study = { ...kept, space };
  const record = {
    number: 0,
    values: { x: 1, loss: [] },
    state: 'complete',
    value: 1,
    startedMs: 1,
    endedMs: 2,
  };
  const trial = { ...record, reports: [{ step: 1, value: 2 }] };
  const reported = (...reports: object[]) => ({ ...trial, reports });

  it.each<[object, string]>([
    [{ ...study, space: {} }, '"space" expected a search space'],
    [{ ...study, seed: 'x' }, '"seed" expected decimal digits, got "x"'],
  ])('refuse the study %j', (found, text) => {
    expect(() => checkStudy(found as never, 'place')).toThrow(text);
  });

  it.each<[object, string]>([
    [{ ...trial, values: {} }, '"trials.0.values.x" expected a value of the space, got nothing'],
    [
      { ...trial, values: { x: 1, loss: 'c' } },
      '"trials.0.values.loss" expected a value of the space, got "c"',
    ],
    [{ ...trial, value: undefined }, '"trials.0.value" expected a number, got nothing'],
    [{ ...trial, number: 1 }, '"trials.0.number" expected 0, got 1'],
    [reported({ step: -1, value: 1 }), '"trials.0.reports.0.step" expected a number >=0, got -1'],
    [
      reported({ step: 1, value: 1 }, { step: 1, value: 1 }),
      '"trials.0.reports" expected steps that increase',
    ],
  ])('refuse the trial %j', (found, text) => {
    const check = () => checkValues(checkTrials([found], 'place'), space, 'place');
    expect(check).toThrow(text);
    expect(check).toThrow('at place. Another program changed the study. Name another study.');
  });
});
