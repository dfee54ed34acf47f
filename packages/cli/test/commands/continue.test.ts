import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeShopLog } from '@gru4rec/synthetic';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();

beforeAll(async () => {
  await writeShopLog(join(folder(), 'more.tsv'), { events: 1500, items: 90, days: 10, seed: 4 });
  const prepare = ['--input', 'more.tsv', '--test-days', '2', '--output', 'more'];
  const outcomes = [await runHere(folder(), 'prepare', ...prepare), await trainTiny(folder(), 'first')];
  for (const { code, stderr } of outcomes) if (code !== 0) throw new Error(stderr);
});

const continueFirst = (output: string, ...more: string[]) =>
  runHere(folder(), 'train', 'more', '--continue', 'first', '--output', output, ...more);

describe('trainer train --continue', () => {
  it('reports what it keeps and what is new, and continues the epoch count', async () => {
    const { code, stdout, stderr } = await continueFirst('second', '--epochs', '1');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(stderr).toMatch(
      /^Continuing after epoch 2: \d+ items keep their place and parameters \(\d+ of them are not in the new data\), \d+ new items start afresh$/m,
    );
    expect(stderr).toMatch(/^epoch 3 {2}loss/m);
    const evaluated = await runHere(folder(), 'evaluate', 'second', '--data', 'more', '--json');
    expect(evaluated.code).toBe(0);
    expect(JSON.parse(evaluated.stdout).predictions).toBeGreaterThan(0);
  });

  it('recommends old items and new ones', async () => {
    expect((await continueFirst('both', '--epochs', '1')).code).toBe(0);
    const { stdout } = await runHere(folder(), 'inspect', 'both', '--json');
    const first = JSON.parse((await runHere(folder(), 'inspect', 'first', '--json')).stdout);
    expect(JSON.parse(stdout).items).toBeGreaterThan(first.items);
  });

  it('refuses another shape of the model with exit code 2', async () => {
    const { code, stderr } = await continueFirst('wrong', '--set', 'layers=8');
    expect(code).toBe(2);
    expect(stderr).toBe(
      'configuration: "layers" expected [16] as in the model that training continues, got [8]. ' +
        'Its parameters have that shape; train a new model for another.\n',
    );
  });

  it('refuses --config together with it', async () => {
    writeFileSync(join(folder(), 'mine.json'), '{}');
    const { code, stderr } = await continueFirst('wrong', '--config', 'mine.json');
    expect(code).toBe(2);
    expect(stderr).toContain('continue and config are mutually exclusive');
  });

  it('replaces the model that it continues with --overwrite', async () => {
    expect((await trainTiny(folder(), 'self')).code).toBe(0);
    const self = ['train', 'more', '--continue', 'self', '--output', 'self', '--epochs', '1'];
    expect((await runHere(folder(), ...self)).code).toBe(1);
    const { code, stderr } = await runHere(folder(), ...self, '--overwrite');
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('epoch 3') });
  });
});

describe('trainer train with patience', () => {
  it('asks for a validation split if the dataset has none', async () => {
    const { code, stderr } = await trainTiny(folder(), 'wrong', '--set', 'patience=2');
    expect(code).toBe(1);
    expect(stderr).toContain(
      '"validation" expected held-out sessions with patience > 0, got none. ' +
        'Prepare the dataset with a validation split (--validation-days), set holdOut to 0.02, or set patience to 0.',
    );
  });
});
