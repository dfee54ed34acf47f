import { fileURLToPath } from 'node:url';
import { createTensorFlowEngine } from '@gru4rec/engine-tensorflow';
import { goldenFolder, tensorFlowForTests } from '@gru4rec/test-support';
import { beforeEach, expect, it } from 'vitest';
import { differences, names } from '../../../packages/model/test/programs/features-golden.ts';
import { float32Tolerance, listGoldens, runGoldenFile } from '../src/golden/command.ts';
import { measureTensorFlow } from '../src/suites/tensorflow.ts';

const { loaded, missing } = tensorFlowForTests(process.env);
const runtime = () => loaded as NonNullable<typeof loaded>;
const onTensorFlow = () => createTensorFlowEngine({ tensorflow: runtime().tensorflow });

beforeEach((ctx) => {
  if (missing !== undefined) ctx.skip(missing);
});

it.each(names)('TensorFlow reproduces the recorded run with features of items and of clicks: %s', (name) => {
  const { loss, parameters } = differences(name, onTensorFlow());
  expect(loss).toBeLessThan(2e-5);
  expect(parameters).toBeLessThan(2e-4);
});

const folder = fileURLToPath(goldenFolder);

it.each(listGoldens(folder))('TensorFlow reproduces the recorded run %s', (name) => {
  const { passed, text } = runGoldenFile(folder, name, onTensorFlow(), float32Tolerance);
  expect(passed, text).toBe(true);
});

it('the suite measures TensorFlow beside wasm, with equal losses', async () => {
  const options = { seconds: 0.1, rounds: 1, engine: { threads: 1 }, only: /^cross-entropy/ };
  const [row] = await measureTensorFlow(options, 'cpu', runtime());
  const [theirs, ours] =
    row?.contestants.map(({ correctness }) => Number(correctness.lossAfter32Steps)) ?? [];
  expect(Number(theirs) / Number(ours)).toBeCloseTo(1, 4);
});
