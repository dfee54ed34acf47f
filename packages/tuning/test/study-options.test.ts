import { describe, expect, it } from 'vitest';
import { parseSpace } from '../src/space.ts';
import { checkStudyOptions, type StudyOptions } from '../src/study-options.ts';
import { MemoryStorage } from './memory-storage.ts';

const options: StudyOptions = {
  storage: new MemoryStorage(),
  space: parseSpace({ x: 1 }),
  trials: 3,
  seed: 1,
  direction: 'maximize',
  run: () => 0,
};

describe('checkStudyOptions', () => {
  it('fills in defaults', () => {
    const settings = checkStudyOptions(options);
    expect(settings).toMatchObject({ parallel: 1, mostFailures: 5, fingerprint: {} });
    expect(settings.sampler.settings).toMatchObject({ name: 'tpe' });
  });

  it('refuses an invalid seed', () => {
    expect(() => checkStudyOptions({ ...options, seed: -1 })).toThrow(RangeError);
  });
});
