import { fileURLToPath } from 'node:url';
import { createTensorFlowEngine } from '@gru4rec/engine-tensorflow';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { evaluate } from '@gru4rec/metrics';
import { type Gru4Rec, parseConfig, train } from '@gru4rec/model';
import type { Engine } from '@gru4rec/program';
import { expectClose, goldenFolder, tensorFlowForTests } from '@gru4rec/test-support';
import { beforeEach, describe, expect, it } from 'vitest';
import { differences, names } from '../../../packages/model/test/programs/features-golden.ts';
import { makeEventLog, toTable, trainingDataOf } from '../src/event-log.ts';
import { float32Tolerance, listGoldens, runGoldenFile } from '../src/golden/command.ts';
import { measureTensorFlow } from '../src/suites/tensorflow.ts';

const { loaded, missing } = tensorFlowForTests(process.env);
const runtime = () => loaded as NonNullable<typeof loaded>;
const onTensorFlow = () => createTensorFlowEngine({ tensorflow: runtime().tensorflow });
const log = makeEventLog({ items: 500, events: 44_000, heldOut: 300 });

/** Trains on an engine. @returns the model and the loss of each step. */
async function trainOn(engine: Engine): Promise<{ model: Gru4Rec; losses: number[] }> {
  const losses: number[] = [];
  const watched: Engine = {
    name: engine.name,
    load(programs) {
      const made = engine.load(programs);
      const run = made.run.bind(made);
      made.run = (program, inputs) => {
        const outputs = run(program, inputs);
        if (program.startsWith('train')) losses.push(outputs.loss?.[0] ?? Number.NaN);
        return outputs;
      };
      return made;
    },
  };
  // A rate at which differences in the last digit stay there: at 0.2 two numbers of threads part company, too.
  const config = parseConfig({
    layers: [32],
    batchSize: 32,
    nSample: 256,
    dropoutPHidden: 0.3,
    learningRate: 0.02,
    nEpochs: 1,
    seed: 1,
  });
  return { model: await train(trainingDataOf(log), config, { engine: watched }), losses };
}

beforeEach((ctx) => {
  if (missing !== undefined) ctx.skip(missing);
});

describe('TensorFlow', () => {
  it.each(names)('reproduces the recorded run with features of items and of clicks: %s', (name) => {
    const { loss, parameters } = differences(name, onTensorFlow());
    expect(loss).toBeLessThan(2e-5);
    expect(parameters).toBeLessThan(2e-4);
  });
});

describe('TensorFlow compared with wasm', () => {
  it('has the same losses over 1,000 steps, and the same metrics', async () => {
    const [ours, theirs] = [await trainOn(createWasmEngine()), await trainOn(onTensorFlow())];
    expect(ours.losses.length).toBeGreaterThanOrEqual(1000);
    expectClose(theirs.losses, ours.losses, { absolute: 0, relative: 2e-5 });
    const measure = (model: Gru4Rec) =>
      evaluate(model.scorer(), toTable(log.test), { cutoffs: [1, 20] }).results;
    for (const [i, result] of measure(ours.model).entries()) {
      const other = measure(theirs.model)[i];
      expect(Math.abs((other?.recall ?? Number.NaN) - result.recall)).toBeLessThan(0.005);
      expect(Math.abs((other?.mrr ?? Number.NaN) - result.mrr)).toBeLessThan(0.005);
    }
  });
});

describe('recorded training runs on TensorFlow', () => {
  const folder = fileURLToPath(goldenFolder);

  it.each(listGoldens(folder))('%s is reproduced', (name) => {
    const outcome = runGoldenFile(folder, name, onTensorFlow(), float32Tolerance);
    expect(outcome.passed, outcome.text).toBe(true);
  });
});

describe('measureTensorFlow', () => {
  it('measures TensorFlow beside wasm, with equal losses', async () => {
    const options = { seconds: 0.1, rounds: 1, engine: { threads: 1 }, only: /^cross-entropy/ };
    const rows = await measureTensorFlow(options, 'cpu', runtime());
    expect(rows.map(({ name }) => name)).toEqual(['cross-entropy, 100 units, batch 32, 2,048 samples']);
    const [steps] = rows;
    const names = [steps?.ours, ...(steps?.peers ?? [])].map((contested) => contested?.name);
    expect(names).toEqual(['TensorFlow on the CPU', 'wasm']);
    const losses = [steps?.ours, ...(steps?.peers ?? [])].map((c) => c?.correctness.lossAfter32Steps ?? 0);
    for (const loss of losses) expect(loss / (losses.at(-1) ?? 1)).toBeCloseTo(1, 4);
    for (const row of rows) expect(row.ours.figure.median).toBeGreaterThan(0);
  });
});
