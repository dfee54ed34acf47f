import { describe, expect, it } from 'vitest';
import {
  checkResumed,
  type RunIdentity,
  type TrainingSnapshot,
} from '../../src/training/training-snapshot.ts';
import { tinyConfig } from '../tiny-data.ts';

const run: RunIdentity = {
  config: tinyConfig(),
  itemIds: ['a'],
  data: 'a'.repeat(64),
  engine: { engine: 'wasm', threads: 2 },
  before: { epochs: 1, steps: 20 },
};
const check = (changed: Partial<RunIdentity>) => () =>
  checkResumed(run as TrainingSnapshot, { ...run, ...changed });

describe('checkResumed', () => {
  it('accepts the same run, on any engine', () => {
    expect(check({ config: tinyConfig(), engine: { threads: 1, engine: 'reference' } })).not.toThrow();
  });

  it.each<[Partial<RunIdentity>, string]>([
    [
      { config: tinyConfig({ loss: 'bpr' }) },
      'train: "resume" expected loss "cross-entropy" as in the interrupted run, got "bpr". ' +
        'Resume with the same arguments, or train from the start.',
    ],
    [
      { data: 'b'.repeat(64) },
      'train: "resume" expected the data of the interrupted run (checksum aaaaaaaaaaaa…), got other data ' +
        '(bbbbbbbbbbbb…). Resume on its dataset, with the release that started it, or train from the start.',
    ],
    [
      { before: { epochs: 2, steps: 40 } },
      'train: "from" expected a model of 1 epochs and 20 steps as in the interrupted run, got one of 2 and 40. ' +
        'Continue the same model, or train from the start.',
    ],
  ])('refuses another run (%#)', (changed, message) => {
    expect(check(changed)).toThrow(new RangeError(message));
  });
});
