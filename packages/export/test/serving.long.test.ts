import { copyFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkDevice } from '@gru4rec/tensorflow-runtime';
import { beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { writeSavedModel } from '../src/saved-model/write-saved-model.ts';
import { drawModel } from './drawn-models.ts';
import { type ExampleServer, expectAnswersOf, pathOfExample, post, startServer } from './example-server.ts';
import { testFolder } from './folder.ts';
import { expectSessionInPython } from './serving-guide.ts';

const folder = testFolder();
const model = drawModel({ layers: [8, 6] }, 40);
const biased = drawModel({ layers: [8, 6], repeatBias: 'constant', repeatLength: 2 }, 40);
const name = 'serve-saved-model.mjs';
const runtime = await checkDevice('cpu', { folder: process.env['GRU4REC_TENSORFLOW'] || undefined });

/** Reports on request how many tensors tfjs and the addon hold. Preloaded into the server, which does not know it. */
const countTensors = `
import * as tf from '@tensorflow/tfjs-node';
process.on('message', () => process.send([tf.memory().numTensors, tf.backend().getNumOfTFTensors()]));
`;

beforeAll(async () => {
  copyFileSync(pathOfExample(name), join(folder, name));
  writeFileSync(join(folder, 'count-tensors.mjs'), countTensors);
  await writeSavedModel(model, join(folder, 'shop'), { top: 20 });
  await writeSavedModel(model, join(folder, 'scores'));
  await writeSavedModel(biased, join(folder, 'biased'), { top: 20 });
  if (runtime.works) {
    symlinkSync(join(runtime.runtime.directory, '..', '..'), join(folder, 'node_modules'), 'dir');
  }
});

function serve(ctx: TestContext, saved: string): Promise<ExampleServer> {
  if (!runtime.works) ctx.skip(`GRU4REC_TENSORFLOW names no runtime that works: ${runtime.problem}`);
  return startServer(folder, '--import', './count-tensors.mjs', name, saved);
}

async function tensorsHeld({ process: server }: ExampleServer): Promise<unknown> {
  const answer = new Promise((resolve) => server.once('message', resolve));
  server.send('count');
  return answer;
}

describe(`the server ${name}`, () => {
  it('answers the clicks of each visitor like the model', async (ctx) => {
    const { address } = await serve(ctx, 'shop');
    await expectAnswersOf(model, address);
  });

  it('keeps the last items of a session for a model with a repeat bias', async (ctx) => {
    const { address } = await serve(ctx, 'biased');
    await expectAnswersOf(biased, address);
  });

  it('keeps no tensor after 300 clicks', async (ctx) => {
    const server = await serve(ctx, 'shop');
    for (let i = 0; i < 300; i++) {
      const click = { visitor: `visitor ${i % 7}`, item: model.itemIds.at(i % 40) };
      expect(await post(server.address, click)).toMatchObject({ status: 200, body: { known: true } });
    }
    expect(await tensorsHeld(server)).toEqual([0, 0]);
  });

  it('answers 500 and continues if a model gives no best items', async (ctx) => {
    const { address } = await serve(ctx, 'scores');
    for (let i = 0; i < 2; i++) {
      expect(await post(address, { visitor: 'ann', item: model.itemIds.at(0) })).toMatchObject({
        status: 500,
      });
    }
  });
});

describe('docs/serving.md', () => {
  it('shows a session in Python with TensorFlow that gives the model’s items', (ctx) => {
    expectSessionInPython(ctx, model, { modules: ['tensorflow'], folder });
  });
});
