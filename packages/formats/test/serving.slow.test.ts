import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeOnnx } from '../src/onnx/to-onnx.ts';
import { writeSafetensors } from '../src/safetensors.ts';
import { drawModel } from './drawn-models.ts';
import { expectAnswersOf, pathOfExample, startServer } from './example-server.ts';
import { onnxRuntime } from './onnx/served-sessions.ts';
import { runPython } from './python.ts';

const folder = testFolder();
const model = drawModel({ layers: [8, 6] }, 40);
const tsx = createRequire(import.meta.url).resolve('tsx/cli');

beforeAll(async () => {
  await writeOnnx(model, join(folder, 'shop-onnx'), { top: 20 });
  await writeSafetensors(model, join(folder, 'shop.safetensors'));
});

const onnx = ['serve-onnx.mjs', [pathOfExample('serve-onnx.mjs'), 'shop-onnx']] as const;
const safetensors = [
  'serve-safetensors.ts',
  [tsx, '--conditions=@gru4rec/source', pathOfExample('serve-safetensors.ts'), 'shop.safetensors'],
] as const;

describe.each([onnx, safetensors])('the server %s', (name, argv) => {
  it('answers the clicks of each visitor like the model', async (ctx) => {
    if (name === onnx[0] && !onnxRuntime) ctx.skip('ONNX Runtime does not load here');
    const address = await startServer(folder, ...argv);
    await expectAnswersOf(model, address);
  });
});

describe('the server serve-onnx.mjs', () => {
  it('answers like a model with a repeat bias and neighbours', async (ctx) => {
    if (!onnxRuntime) ctx.skip('ONNX Runtime does not load here');
    const biased = drawModel({ parts: ['network', 'repeats', 'co-occurrences'], repeatLength: 3 }, 40);
    await writeOnnx(biased, join(folder, 'biased'), { top: 20 });
    const address = await startServer(folder, onnx[1][0], 'biased');
    await expectAnswersOf(biased, address);
  });

  it('refuses to start with a model that reads more than items', async (ctx) => {
    if (!onnxRuntime) ctx.skip('ONNX Runtime does not load here');
    const typed = join(folder, 'typed');
    await writeOnnx(drawModel({ clickFeatures: ['type'] }, 40), typed, { top: 20 });
    const { status, stderr } = spawnSync(process.execPath, [onnx[1][0], typed, '0']);
    expect([status, String(stderr)]).toEqual([
      1,
      expect.stringContaining(
        `${typed}: this server gives no "click_features". Use a model without features`,
      ),
    ]);
  });

  it('refuses to start with the item ids of another graph', async () => {
    const other = join(folder, 'other');
    await writeOnnx(model, other, { top: 20 });
    await writeFile(join(other, 'items.json'), '["a"]\n');
    const { status, stderr } = spawnSync(process.execPath, [pathOfExample('serve-onnx.mjs'), other, '0']);
    expect([status, String(stderr)]).toEqual([
      1,
      expect.stringContaining(`${other}: items.json does not belong to model.onnx. Export both again`),
    ]);
  });
});

describe('docs/recommend.md', () => {
  it('shows a session in Python that gives the model’s items', async (ctx) => {
    const guide = await readFile(new URL('../../../docs/recommend.md', import.meta.url), 'utf8');
    const blocks = [...guide.matchAll(/```python\n([^`]+)```/g)].map(([, block = '']) => block);
    const shown = blocks.find((block) => block.includes('onnxruntime')) ?? '';
    const visit = model.startSession();
    const program = ['214536502', '214536506'].reduce(
      (text, id, index) => {
        visit.click(model.itemIds.at(index)!);
        return text.replace(JSON.stringify(id), JSON.stringify(model.itemIds.at(index)));
      },
      shown.replace('print(', 'print(json.dumps(').replace(/\)\n$/, '))\n'),
    );
    const inFolder = `import os, sys\nos.chdir(sys.argv[1])\n${program}`;
    const items = JSON.parse(runPython(ctx, ['numpy', 'onnxruntime'], inFolder, folder));
    expect(items).toEqual(visit.recommend(20).map(({ id }) => id));
  });
});
