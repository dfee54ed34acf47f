import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alteredJson } from '@gru4rec/test-support';
import { beforeAll, describe, it } from 'vitest';
import { expectAnswerOrLine, sealAgain } from './altered-json.ts';
import { runHere } from './run-trainer.ts';
import { useTinyModel } from './tiny-shop.ts';

const folder = useTinyModel('--collapse-repeats');
const inFolder = (...names: string[]) => join(folder(), ...names);

beforeAll(() => cpSync(inFolder('data'), inFolder('changed'), { recursive: true }));

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
      const outcome = await runHere(folder(), 'evaluate model --data changed --no-baselines --sample 5');
      expectAnswerOrLine(outcome, inFolder('changed'), label);
    }
  });

  it('is appended to or refused in one line', async () => {
    copyFileSync(inFolder('clicks.tsv'), inFolder('more.tsv'));
    const some = cases().filter((_, at) => at % 7 === 0);
    for (const { label, value } of some) {
      rmSync(inFolder('changed'), { recursive: true, force: true });
      cpSync(inFolder('data'), inFolder('changed'), { recursive: true });
      writeFileSync(inFolder('changed', 'dataset.json'), sealAgain(value as object, 'manifestChecksum'));
      const append = 'prepare --append --input more.tsv --output changed --late-sessions drop';
      expectAnswerOrLine(await runHere(folder(), append), folder(), label);
    }
  });
});
