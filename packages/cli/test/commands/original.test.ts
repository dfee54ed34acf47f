import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModel } from '@gru4rec/model';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../packages/formats/test/pytorch/fixtures/${name}`, import.meta.url));
const configOf = (model: string) =>
  JSON.parse(readFileSync(join(folder(), model, 'model.json'), 'utf8')).config;

const train = (output: string, ...more: string[]) =>
  runHere(folder(), 'train', 'data', '--output', output, '--set', 'nEpochs=1', ...more);

describe('trainer train with the authors’ parameters', () => {
  const write = (name: string, parameters: string) =>
    writeFileSync(join(folder(), name), `gru4rec_params = OrderedDict([${parameters}])`);

  it('accepts a parameter file, which --set overrides', async () => {
    write(
      'params.py',
      "('loss', 'bpr-max'),\n('layers', [16, 8]), ('batch_size', 8), ('n_sample', 32), ('bpreg', 1.95), ('elu_param', 0.5)",
    );
    expect(await train('file', '--config', 'params.py', '--set', 'momentum=0.3')).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('bpr-max, gru 16,8, batch 8'),
    });
    expect(configOf('file')).toMatchObject({
      loss: 'bpr-max',
      layers: [16, 8],
      finalAct: 'elu-0.5',
      bpreg: 1.95,
      gru: 'reset-after',
      momentum: 0.3,
      nEpochs: 1,
    });
  });
});

describe('trainer import', () => {
  const file = ['--safetensors', 'constrained.safetensors'];

  beforeAll(() => {
    copyFileSync(fixture('constrained.safetensors'), join(folder(), 'constrained.safetensors'));
    const write = (name: string, layers: number) =>
      writeFileSync(
        join(folder(), name),
        `gru4rec_params = OrderedDict([('loss', 'bpr-max'), ('layers', [${layers}]), ('elu_param', 0.5)])`,
      );
    write('constrained.py', 4);
    write('other.py', 6);
  });

  it('makes a model that recommends from weights', async () => {
    const given = ['--config', 'constrained.py', '--output', 'imported'];
    const imported = await runHere(folder(), 'import', ...file, ...given);
    expect(imported).toMatchObject({ code: 0, stdout: '' });
    expect(imported.stderr).toContain('7 items with parameters. The model is in imported\n');
    const { itemIds } = await readModel(join(folder(), 'imported'));
    const asked = ['imported', '--session', itemIds.at(0) ?? '', '--top', '3', '--json'];
    const { code, stdout } = await runHere(folder(), 'recommend', ...asked);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).items).toHaveLength(3);
  });

  it.each([
    ['parameters that do not match', ['--config', 'other.py'], '"Wy" expected F32 [7, 6]'],
    ['none', [], 'lacks its configuration: give one'],
  ])('refuses weights with %s', async (_name, given, expected) => {
    const { code, stderr } = await runHere(folder(), 'import', ...file, ...given, '--output', 'wrong');
    expect(code).toBe(1);
    expect(stderr).toContain('constrained.safetensors');
    expect(stderr).toContain(expected);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
