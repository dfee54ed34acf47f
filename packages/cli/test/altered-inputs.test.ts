import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { expectAnswerOrLine, sealAgain } from './altered-json.ts';
import { runHere } from './run-trainer.ts';
import { useTinyModel } from './tiny-shop.ts';

const folder = useTinyModel();
const inFolder = (...names: string[]) => join(folder(), ...names);

beforeAll(() => cpSync(inFolder('model'), inFolder('altered'), { recursive: true }));

describe('a model whose model.json was forged', () => {
  it.each([
    'train data --output next --continue altered',
    'recommend altered --session 1',
    'evaluate altered --data data',
    'export altered --format safetensors --output exported',
  ])('is refused in one line by %s', async (line) => {
    const written = JSON.parse(readFileSync(inFolder('model', 'model.json'), 'utf8'));
    for (const history of [[null], [{}], {}, null, [[]], [{ ...written.history[0], steps: -1 }]]) {
      writeFileSync(inFolder('altered', 'model.json'), sealAgain({ ...written, history }, 'checksum'));
      const outcome = await runHere(folder(), line);
      expect(outcome.code).toBe(1);
      expectAnswerOrLine(outcome, inFolder('altered', 'model.json'), JSON.stringify(history));
      expect(outcome.stderr.trimEnd()).not.toContain('\n');
    }
  });
});
