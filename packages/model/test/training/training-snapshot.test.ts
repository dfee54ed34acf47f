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
const check = (changed: Partial<RunIdentity>, anyEngine?: boolean) => () =>
  checkResumed(run as TrainingSnapshot, { ...run, ...changed }, anyEngine);

describe('checkResumed', () => {
  it('accepts the same run', () => {
    expect(check({ config: tinyConfig(), engine: { threads: 2, engine: 'wasm' } })).not.toThrow();
  });

  it('refuses another configuration, on any engine', () => {
    const error = new RangeError(
      'train: "resume" expected loss "cross-entropy" as in the interrupted run, got "bpr". ' +
        'Resume with the same arguments, or train from the start.',
    );
    expect(check({ config: tinyConfig({ loss: 'bpr' }) })).toThrow(error);
    expect(check({ config: tinyConfig({ loss: 'bpr' }) }, true)).toThrow(error);
  });

  it.each([
    [{ engine: 'wasm', threads: 1 }, 'threads 2', '1'],
    [{ engine: 'wasm' }, 'threads 2', 'none'],
    [{ engine: 'wasm', threads: 2, relaxed: true }, 'relaxed none', 'true'],
  ])('refuses another engine or fact without anyEngine: %j', (engine, had, got) => {
    expect(check({ engine })).toThrow(
      new RangeError(
        `train: "resume" expected ${had} as in the interrupted run, got ${got}. Resume with the same arguments, ` +
          'resume on any engine and number of threads (anyEngine), or train from the start.',
      ),
    );
    expect(check({ engine }, true)).not.toThrow();
  });

  it('refuses other data', () => {
    expect(check({ data: 'b'.repeat(64) })).toThrow(
      new RangeError(
        'train: "resume" expected the data of the interrupted run (checksum aaaaaaaaaaaa…), got other data ' +
          '(bbbbbbbbbbbb…). Resume on its dataset, with the release that started it, or train from the start.',
      ),
    );
  });

  it('refuses another earlier model', () => {
    expect(check({ before: { epochs: 2, steps: 40 } })).toThrow(
      new RangeError(
        'train: "from" expected a model of 1 epochs and 20 steps as in the interrupted run, got one of 2 and 40. ' +
          'Continue the same model, or train from the start.',
      ),
    );
  });
});
