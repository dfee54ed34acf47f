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

  it.each([
    ['loss', { config: tinyConfig({ loss: 'bpr' }) }, 'loss "cross-entropy"', '"bpr"'],
    ['epochs', { config: tinyConfig({ nEpochs: 7 }) }, 'nEpochs 2', '7'],
  ])('refuses another %s, on any engine', (_name, changed, had, got) => {
    const error = new RangeError(
      `train: "resume" expected ${had} as in the interrupted run, got ${got}. ` +
        'Resume with the same arguments, or train from the start.',
    );
    expect(check(changed)).toThrow(error);
    expect(check(changed, true)).toThrow(error);
  });

  it.each([
    ['threads', { engine: { engine: 'wasm', threads: 1 } }, 'threads 2', '1'],
    ['lack of threads', { engine: { engine: 'wasm' } }, 'threads 2', 'none'],
    ['engine', { engine: { engine: 'reference', threads: 2 } }, 'engine "wasm"', '"reference"'],
    ['new fact', { engine: { engine: 'wasm', threads: 2, relaxed: true } }, 'relaxed none', 'true'],
  ])('refuses another %s without anyEngine', (_name, changed, had, got) => {
    expect(check(changed)).toThrow(
      new RangeError(
        `train: "resume" expected ${had} as in the interrupted run, got ${got}. Resume with the same arguments, ` +
          'resume on any engine and number of threads (option "anyEngine"), or train from the start.',
      ),
    );
    expect(check(changed, true)).not.toThrow();
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
