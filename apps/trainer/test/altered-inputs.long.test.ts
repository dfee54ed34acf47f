import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alteredJson } from '@gru4rec/test-support';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, runHere } from './run-trainer.ts';
import { trainTiny, useTinyShop } from './tiny-shop.ts';

const folder = useTinyShop('--collapse-repeats');
const inFolder = (...names: string[]) => join(folder(), ...names);

/** SHA-256 of JSON without the key that holds it: a forger makes it fit. */
function sealed(value: object, key: string): string {
  const content = Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
  const checksum = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  return JSON.stringify({ ...content, [key]: checksum });
}

/** Expects an answer, or one line that names the file. */
function expectAnswerOrLine({ code, stdout, stderr }: Outcome, file: string, label: string): boolean {
  expect(`${label}\n${stdout}${stderr}`).not.toMatch(/Unexpected error|undefined|\[object|\n\s+at /);
  // Not our own: where the file says it, it may be shown.
  if (!label.includes('NaN')) expect(`${label}\n${stdout}${stderr}`).not.toMatch(/\bNaN\b/);
  if (code === 0) return true;
  const last =
    stderr
      .trimEnd()
      .split('\n')
      .filter((line) => !line.startsWith('See trainer'))
      .at(-1) ?? '';
  expect(`${label}\n${last}`).toContain(file);
  expect(last.length).toBeLessThan(file.length + 600);
  return false;
}

beforeAll(async () => {
  const { code, stderr } = await trainTiny(folder(), 'model');
  if (code !== 0) throw new Error(stderr);
  cpSync(inFolder('model'), inFolder('altered'), { recursive: true });
  cpSync(inFolder('data'), inFolder('changed'), { recursive: true });
});

describe('a model whose model.json was forged', () => {
  it('is explained, or refused in one line', async () => {
    const written = JSON.parse(readFileSync(inFolder('model', 'model.json'), 'utf8'));
    let taken = 0;
    for (const { label, value } of alteredJson(written, ['checksum'])) {
      writeFileSync(inFolder('altered', 'model.json'), sealed(value as object, 'checksum'));
      const outcome = await runHere(folder(), 'explain', '--model', 'altered');
      if (expectAnswerOrLine(outcome, inFolder('altered'), label)) taken++;
    }
    expect(taken).toBeGreaterThan(30);
  });
});

describe('a dataset whose dataset.json was forged', () => {
  const cases = () => {
    const written = JSON.parse(readFileSync(inFolder('data', 'dataset.json'), 'utf8'));
    return [...alteredJson(written, ['manifestChecksum'])].filter(({ label }) =>
      label.startsWith('preparation'),
    );
  };

  it('is evaluated on, or refused in one line', async () => {
    for (const { label, value } of cases()) {
      writeFileSync(inFolder('changed', 'dataset.json'), sealed(value as object, 'manifestChecksum'));
      const argv = ['--model', 'model', '--data', 'changed', '--no-baselines', '--sample', '5'];
      expectAnswerOrLine(await runHere(folder(), 'evaluate', ...argv), inFolder('changed'), label);
    }
  });

  it('is added to, or refused in one line', async () => {
    copyFileSync(inFolder('clicks.tsv'), inFolder('more.tsv'));
    const some = cases().filter((_, at) => at % 7 === 0);
    for (const { label, value } of some) {
      rmSync(inFolder('changed'), { recursive: true, force: true });
      cpSync(inFolder('data'), inFolder('changed'), { recursive: true });
      writeFileSync(inFolder('changed', 'dataset.json'), sealed(value as object, 'manifestChecksum'));
      const argv = ['--append', '--input', 'more.tsv', '--output', 'changed', '--late-sessions', 'drop'];
      const outcome = await runHere(folder(), 'prepare', ...argv);
      expectAnswerOrLine(outcome, folder(), label);
    }
  });
});
