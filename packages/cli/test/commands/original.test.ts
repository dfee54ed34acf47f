import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModel } from '@gru4rec/model';
import { beforeAll, describe, expect, it } from 'vitest';
import { failing, ok } from '../run-trainer.ts';
import { useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../packages/formats/test/pytorch/fixtures/${name}`, import.meta.url));

const write = (name: string, parameters: string) =>
  writeFileSync(
    join(folder(), name),
    `gru4rec_params = OrderedDict([('loss', 'bpr-max'), ('elu_param', 0.5), ${parameters}])`,
  );

it('train accepts a parameter file of the authors, which --set overrides', async () => {
  write('params.py', "('layers', [16, 8]), ('batch_size', 8), ('n_sample', 32), ('bpreg', 1.95)");
  const { stderr } = await ok(
    folder(),
    'train data --output file --config params.py --set nEpochs=1 momentum=0.3',
  );
  expect(stderr).toContain('bpr-max, gru 16,8, batch 8');
  const { config } = JSON.parse(readFileSync(join(folder(), 'file', 'model.json'), 'utf8'));
  expect(config).toMatchObject({
    ...{ loss: 'bpr-max', layers: [16, 8], finalAct: 'elu-0.5', bpreg: 1.95, gru: 'reset-after' },
    ...{ momentum: 0.3, nEpochs: 1 },
  });
});

const IMPORT = 'import --safetensors constrained.safetensors';

describe('trainer import', () => {
  beforeAll(() => {
    copyFileSync(fixture('constrained.safetensors'), join(folder(), 'constrained.safetensors'));
    write('constrained.py', "('layers', [4])");
    write('other.py', "('layers', [6])");
  });

  it('makes a model that recommends from weights', async () => {
    const { stderr } = await ok(folder(), `${IMPORT} --output imported --config constrained.py`);
    expect(stderr).toContain('7 items with parameters. The model is in imported\n');
    const { itemIds } = await readModel(join(folder(), 'imported'));
    const { stdout } = await ok(folder(), `recommend imported --session ${itemIds.at(0)} --top 3 --json`);
    expect(JSON.parse(stdout).items).toHaveLength(3);
  });

  it.each([
    ['parameters that do not match', ' --config other.py', '"Wy" expected F32 [7, 6]'],
    ['none', '', 'lacks its configuration: give one'],
  ])('refuses weights with %s', async (_name, given, expected) => {
    const stderr = await failing(folder(), `${IMPORT} --output wrong${given}`);
    expect(stderr).toContain('constrained.safetensors');
    expect(stderr).toContain(expected);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });
});
