import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import { describe, expect, it } from 'vitest';
import { readSpace } from '../../src/tuning/read-space.ts';
import { makeFolder } from '../run-trainer.ts';

async function read(text: string): Promise<unknown> {
  const file = join(makeFolder(), 'space.json');
  writeFileSync(file, text);
  return readSpace(file).catch((error: Error) => {
    expect(error).toBeInstanceOf(UsageError);
    return error.message.replace(file, 'FILE');
  });
}

describe('readSpace', () => {
  it('reads ranges, choices and constants', async () => {
    const space = await read(
      '{"learningRate": {"type": "log-uniform", "low": 0.01, "high": 1}, "layers": [9]}',
    );
    expect(Object.keys(space as object)).toEqual(['learningRate', 'layers']);
    expect(await read('{"dropoutPEmbed": {"type": "uniform", "low": 0, "high": 1}}')).toBeTypeOf('object');
  });

  it('reports all errors at once', async () => {
    const message = await read(
      JSON.stringify({
        learningRate: { type: 'uniform', low: 1, high: 0.5 },
        loss: { type: 'choises', options: ['bpr'] },
        layer: [100],
        seed: 3,
        epochs: 4,
      }),
    );
    expect(message).toMatch(
      /^FILE: "learningRate.high" expected a number > low = 1, got 0.5; "loss.type" expected one of .*, got "choises"; /,
    );
    expect(message).toContain('; expected no "seed": tune sets it; ');
    expect(message).toMatch(/; expected hyper-parameters, got "layer", "epochs"; they are loss, layers, /);
  });

  it('reports all values that a configuration refuses', async () => {
    const message = await read(
      JSON.stringify({
        layers: { type: 'choice', options: [[8], [0], 'wide'] },
        batchSize: -1,
        nSample: { type: 'integer', low: -2, high: 100 },
        learningRate: { type: 'uniform', low: -0.1, high: 1 },
      }),
    );
    expect(String(message).split('; ')).toEqual([
      expect.stringMatching(/^FILE: "layers" expected a list of positive integers.*, got \[0\]$/),
      expect.stringMatching(/, got "wide"$/),
      '"batchSize" expected a positive integer, got -1',
      expect.stringMatching(/^"nSample" expected .*, got -2$/),
      '"learningRate" expected a number > 0, got -0.1',
    ]);
  });

  it.each([
    ['{', 'The search space FILE is not JSON'],
    ['[]', 'FILE: "space" expected an object of parameters by name, got []'],
    ['{"__proto__": 1}', 'FILE: "space" expected no key "__proto__", got one'],
  ])('refuses %s', async (text, message) => {
    expect(await read(text)).toContain(message);
  });
});
