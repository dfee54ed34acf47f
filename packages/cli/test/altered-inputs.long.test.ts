import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alteredJson } from '@gru4rec/test-support';
import { beforeAll, describe, it } from 'vitest';
import { expectAnswerOrLine, sealAgain } from './altered-json.ts';
import { runHere } from './run-trainer.ts';
import { useTinyModel } from './tiny-shop.ts';

const folder = useTinyModel('--collapse-repeats');
const inFolder = (...names: string[]) => join(folder(), ...names);

beforeAll(async () => {
  cpSync(inFolder('model'), inFolder('altered'), { recursive: true });
  cpSync(inFolder('data'), inFolder('changed'), { recursive: true });
});

describe('a dataset whose dataset.json was forged', () => {
  const cases = () => {
    const written = JSON.parse(readFileSync(inFolder('data', 'dataset.json'), 'utf8'));
    return [...alteredJson(written, ['manifestChecksum'])].filter(({ label }) =>
      label.startsWith('preparation'),
    );
  };

  it('is evaluated or refused in one line', async () => {
    for (const { label, value } of cases()) {
      writeFileSync(inFolder('changed', 'dataset.json'), sealAgain(value as object, 'manifestChecksum'));
      const argv = ['model', '--data', 'changed', '--no-baselines', '--sample', '5'];
      expectAnswerOrLine(await runHere(folder(), 'evaluate', ...argv), inFolder('changed'), label);
    }
  });

  it('is appended to or refused in one line', async () => {
    copyFileSync(inFolder('clicks.tsv'), inFolder('more.tsv'));
    const some = cases().filter((_, at) => at % 7 === 0);
    for (const { label, value } of some) {
      rmSync(inFolder('changed'), { recursive: true, force: true });
      cpSync(inFolder('data'), inFolder('changed'), { recursive: true });
      writeFileSync(inFolder('changed', 'dataset.json'), sealAgain(value as object, 'manifestChecksum'));
      const argv = ['--append', '--input', 'more.tsv', '--output', 'changed', '--late-sessions', 'drop'];
      const outcome = await runHere(folder(), 'prepare', ...argv);
      expectAnswerOrLine(outcome, folder(), label);
    }
  });
});
