import { alteredJson } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { parseSpace } from '../../src/space.ts';
import { checkStudy, checkTrials } from '../../src/storage/kept-study.ts';
import { StudyError } from '../../src/study-error.ts';

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
