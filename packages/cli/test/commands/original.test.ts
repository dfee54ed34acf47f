import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readModel } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../../../packages/import-gru4rec/test/fixtures/${name}`, import.meta.url));
const configOf = (model: string) =>
  JSON.parse(readFileSync(join(folder(), model, 'model.json'), 'utf8')).config;

const train = (output: string, ...more: string[]) =>
  runHere(folder(), 'train', 'data', '--output', output, '--epochs', '1', ...more);

describe('trainer train with the authors’ parameters', () => {
  it('accepts a parameter string, which --set overrides', async () => {
    const given = 'loss=bpr-max,layers=16/8,batch_size=8,n_sample=32,bpreg=1.95,elu_param=0.5';
    const { code, stderr } = await train('string', '--parameter-string', given, '--set', 'momentum=0.3');
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: expect.stringContaining('bpr-max, gru 16,8, batch 8'),
    });
    expect(configOf('string')).toMatchObject({
      loss: 'bpr-max',
      layers: [16, 8],
      finalAct: 'elu-0.5',
      bpreg: 1.95,
      gru: 'reset-after',
      momentum: 0.3,
      nEpochs: 1,
    });
  });

  it('accepts a parameter file', async () => {
    const lines = [
      "gru4rec_params = OrderedDict([('loss', 'cross-entropy'),",
      "('layers', [8]), ('batch_size', 8),",
      "('n_sample', 32), ('logq', 1.0)])",
    ];
    writeFileSync(join(folder(), 'params.py'), lines.join('\n'));
    expect((await train('file', '--pf', 'params.py')).code).toBe(0);
    expect(configOf('file')).toMatchObject({ loss: 'cross-entropy', layers: [8], logq: 1 });
  });

  it.each([
    ['--parameter-string', 'loss=bpr-max,leyers=3', /"leyers"/],
    ['--parameter-string', 'layers=big', /"layers"/],
    ['--parameter-file', 'broken.py', /broken\.py/],
  ])('refuses %s %s with exit code 2 and one line', async (option, value, message) => {
    writeFileSync(join(folder(), 'broken.py'), 'gru4rec_params = OrderedDict([("loss", open("x"))])');
    const { code, stderr } = await train('wrong', option, value);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('refuses two sources of hyper-parameters', async () => {
    writeFileSync(join(folder(), 'mine.json'), '{}');
    const { code, stderr } = await train('wrong', '--config', 'mine.json', '--parameter-string', 'layers=8');
    expect(code).toBe(2);
    expect(stderr).toContain('mutually exclusive');
  });

  it('names an unreadable parameter file', async () => {
    const { code, stderr } = await train('wrong', '--parameter-file', 'nowhere.py');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^The parameter file .*nowhere\.py cannot be read: ENOENT/);
  });
});

const given = ['--parameter-string', 'loss=bpr-max,layers=4,elu_param=0.5'];
const files = ['--weights', 'weights.arrow', '--items', 'items.arrow'];

describe('trainer import', () => {
  it('makes a model that recommends from weights', async () => {
    copyFileSync(fixture('constrained.weights.arrow'), join(folder(), 'weights.arrow'));
    copyFileSync(fixture('items.arrow'), join(folder(), 'items.arrow'));
    const imported = await runHere(folder(), 'import', ...files, ...given, '--output', 'imported');
    expect(imported).toMatchObject({ code: 0, stdout: '' });
    expect(imported.stderr).toContain('7 items with parameters. The model is in imported\n');
    const { itemIds } = await readModel(join(folder(), 'imported'));
    const asked = ['imported', '--session', itemIds.at(0) ?? '', '--top', '3', '--json'];
    const { code, stdout } = await runHere(folder(), 'recommend', ...asked);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).items).toHaveLength(3);
  });

  it('refuses parameters that do not match the weights', async () => {
    const other = ['--parameter-string', 'loss=bpr-max,layers=6'];
    const { code, stderr } = await runHere(folder(), 'import', ...files, ...other, '--output', 'wrong');
    expect(code).toBe(1);
    expect(stderr).toContain('weights.arrow');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('asks for parameters', async () => {
    const { code, stderr } = await runHere(folder(), 'import', ...files, '--output', 'wrong');
    expect(code).toBe(2);
    expect(stderr).toContain('import expected --parameter-string or --parameter-file, got neither');
  });

  it('names missing files', async () => {
    const missing = ['--weights', 'nowhere.arrow', '--items', 'items.arrow'];
    const { code, stderr } = await runHere(folder(), 'import', ...missing, ...given, '--output', 'wrong');
    expect(code).toBe(1);
    expect(stderr).toMatch(/nowhere\.arrow cannot be read: ENOENT/);
  });
});
