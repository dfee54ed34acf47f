import { describe, expect, it } from 'vitest';
import { parseSpace } from '../../src/space.ts';
import { checkSameStudy, StudyError, type StudyRecord } from '../../src/storage/storage.ts';

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
