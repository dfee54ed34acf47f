import { SessionHistory } from '@gru4rec/batcher';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { ScoringSession } from '@gru4rec/metrics';
import { type Program, type Runtime, runProgram } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { RandomStream } from '@gru4rec/random';
import { expectClose } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { losses } from '../../src/losses/registry.ts';
import {
  buildTrainProgram,
  type TrainInputs,
  type TrainProgram,
} from '../../src/programs/build-train-program.ts';
import { openScoring } from '../../src/scoring.ts';
import { tinyConfig } from '../tiny-data.ts';

const ITEMS = 9;
const LENGTH = 3;

/** Four slots, the third has run out. Slot 0 repeats its second item, slot 1 has clicked what slot 0 predicts. */
const batch = {
  input: Int32Array.of(3, 4, -1, 5),
  target: Int32Array.of(2, 0, -1, 5),
  resetMask: Float32Array.of(0, 0, 0, 1),
  live: Float32Array.of(1, 1, 0, 1),
  history: Int32Array.from([3, 2, 8, 4, 2, -1, -1, -1, -1, 5, -1, -1]),
};
/** Items of histories, one of them twice, a target, and one that is in no history. */
const samples = Int32Array.of(2, 8, 2, 0, 7, 4);

const configOf = (values: Record<string, unknown>) =>
  tinyConfig({
    layers: [5],
    batchSize: 4,
    nSample: samples.length,
    repeatLength: LENGTH,
    optimizer: 'sgd',
    ...values,
  });

/** Seeded values of all variables, the reference's for every engine. */
function writeAll(runtime: Runtime): void {
  for (const { name, kind, rows, cols } of runtime.variables) {
    const random = new RandomStream(3, `repeats.${name}`);
    const next = kind === 'slot' ? () => 0 : () => random.nextFloat() - 0.5;
    runtime.write(name, Float64Array.from({ length: rows * cols }, next));
  }
}

const inputsOf = (nSample: unknown, learningRate: number): TrainInputs => ({
  ...batch,
  ...(Number(nSample) > 0 && { samples }),
  learningRate,
});

/** The gradient by a step of plain descent, and by central differences of the loss. */
function gradients(program: TrainProgram, name: string, nSample: unknown): [number[], number[]] {
  const runtime = createReferenceEngine().load([program as Program]);
  const lossAt = (change?: { at: number; by: number }): number => {
    writeAll(runtime);
    const values = Float64Array.from(runtime.read(name));
    if (change) values[change.at] = (values[change.at] ?? 0) + change.by;
    runtime.write(name, values);
    return runProgram(runtime, program, inputsOf(nSample, 0)).loss[0];
  };
  lossAt();
  const before = Array.from(runtime.read(name));
  const step = 1e-5;
  const numeric = before.map((_, at) => (lossAt({ at, by: step }) - lossAt({ at, by: -step })) / (2 * step));
  writeAll(runtime);
  runProgram(runtime, program, inputsOf(nSample, 1));
  const after = Array.from(runtime.read(name));
  return [before.map((value, at) => value - (after[at] ?? Number.NaN)), numeric];
}

const columns = [samples.length, 0, 'all'];
const cases = Object.keys(losses).flatMap((loss) => columns.map((nSample) => ({ loss, nSample })));
const options = [{}, { loss: 'cross-entropy', logq: 1, nSample: samples.length }, { smoothing: 0.1 }];

describe('the scores of a fitted bias', () => {
  it.each([
    ['reference', createReferenceEngine()],
    ['wasm', createWasmEngine()],
  ])('are its formula, in parallel sessions: %s', (_name, engine) => {
    const slots = 16;
    const [fitted, plain] = ['auto', 'none'].map((repeatBias) => {
      const load = (program: Program) => {
        const runtime = engine.load([program]);
        writeAll(runtime);
        return runtime;
      };
      return openScoring({ config: configOf({ repeatBias }), itemCount: ITEMS, slots, load });
    }) as [ScoringSession, ScoringSession];
    const drawn = (name: string, at: number) => {
      const stream = new RandomStream(3, `repeats.repeat.${name}`);
      return Array.from({ length: at + 1 }, () => stream.nextFloat() - 0.5)[at] as number;
    };
    const histories = Array.from({ length: slots }, () => new SessionHistory(1, LENGTH));
    const random = new RandomStream(7, 'repeats.fitted');
    for (let step = 0; step < 6; step++) {
      const input = Int32Array.from({ length: slots }, () => Math.floor(4 * random.nextFloat()));
      const resetMask = new Float32Array(slots).fill(step === 0 ? 1 : 0);
      const expected = plain.step(input, resetMask).slice();
      for (const [slot, history] of histories.entries()) {
        history.add(0, input[slot] as number);
        const places = [...history.items].filter((item) => item >= 0).length;
        const logs = Array.from(history.counts, (count) => Math.log(Math.max(1, count)));
        const m = [...logs, logs.reduce((sum, one) => sum + one, 0) / places];
        for (const [k, item] of history.items.subarray(0, places).entries()) {
          const ofClicks = m.reduce((sum, one, i) => sum + one * drawn('V', i * LENGTH + k), 0);
          const score = Number(expected[slot * ITEMS + item]);
          expected[slot * ITEMS + item] = score * (1 + drawn('a', k)) + drawn('c', k) + ofClicks;
        }
      }
      expectClose(fitted.step(input, resetMask), expected, { absolute: 1e-5, relative: 1e-5 });
    }
    fitted.close();
    plain.close();
  });
});

describe('a step with a repeat bias', () => {
  it.each([...cases, ...options])('has the gradients of finite differences: %j', (values) => {
    const nSample = 'nSample' in values ? values.nSample : samples.length;
    const constant = buildTrainProgram(configOf({ ...values, repeatBias: 'constant' }), ITEMS);
    const gated = buildTrainProgram(configOf({ ...values, repeatBias: 'gated' }), ITEMS);
    const tolerance = { absolute: 1e-7, relative: 1e-6 };
    for (const [program, names] of [
      [constant, ['repeat.c']],
      [gated, ['repeat.c', 'repeat.V', 'layer0.Wr', 'layer0.Un']],
    ] as const) {
      for (const name of names) {
        const [step, numeric] = gradients(program, name, nSample);
        expectClose(step, numeric, { ...tolerance, name });
        if (nSample !== 0) expect(Math.max(...step.map(Math.abs))).toBeGreaterThan(1e-4);
      }
    }
  });

  it('adds ρ to the columns whose item is in the slot’s own history, and to no other', () => {
    const program = buildTrainProgram(configOf({ repeatBias: 'constant', loss: 'cross-entropy' }), ITEMS);
    const without = buildTrainProgram(configOf({ repeatBias: 'none', loss: 'cross-entropy' }), ITEMS);
    const lossOf = (p: TrainProgram, values: number[], history?: Int32Array): number => {
      const runtime = createReferenceEngine().load([p as Program]);
      writeAll(runtime);
      if (history) runtime.write('repeat.c', values);
      const { history: _, ...rest } = inputsOf(samples.length, 0);
      return runProgram(runtime, p, history ? { ...rest, history } : rest).loss[0];
    };
    const none = new Int32Array(4 * LENGTH).fill(-1);
    const elsewhere = none.map((_, at) => (at < LENGTH ? 6 : 1));
    const base = lossOf(without, []);
    expect(lossOf(program, [5, 5, 5], none)).toBe(base);
    expect(lossOf(program, [5, 5, 5], elsewhere)).toBe(base);
    expect(lossOf(program, [0, 0, 0], batch.history)).toBe(base);
    // Slot 0 repeats its second item: only a value in that place makes its target likelier.
    expect(lossOf(program, [0, 1, 0], batch.history)).toBeLessThan(base);
    expect(lossOf(program, [0, 0, 1], batch.history)).toBeGreaterThan(base);
  });

  it.each(['constant', 'gated'])('is the same with merged samples and on wasm: %s', (repeatBias) => {
    const config = configOf({ repeatBias, loss: 'bpr-max', finalAct: 'elu-0.5', optimizer: 'adagrad' });
    const [program, merged] = [
      buildTrainProgram(config, ITEMS),
      buildTrainProgram(config, ITEMS, { mergedSamples: 6 }),
    ];
    const given = inputsOf(samples.length, 0.1);
    const distinct = {
      samples: Int32Array.of(2, 8, 0, 7, 4, -1),
      sampleWeight: Float32Array.of(2, 1, 1, 1, 1, 0),
    };
    const [expected, ...others] = [
      [createReferenceEngine(), program, given],
      [createReferenceEngine(), merged, { ...given, ...distinct }],
      [createWasmEngine(), program, given],
      [createWasmEngine({ threads: 2, threadsFrom: 0 }), merged, { ...given, ...distinct }],
    ].map(([engine, p, inputs]) => {
      const runtime = (engine as ReturnType<typeof createReferenceEngine>).load([p as Program]);
      writeAll(runtime);
      const { loss } = runProgram(runtime, p as TrainProgram, inputs as TrainInputs);
      const values = [loss[0], ...runtime.variables.flatMap(({ name }) => Array.from(runtime.read(name)))];
      runtime.dispose();
      return values;
    });
    for (const values of others)
      expectClose(values, expected ?? [], { absolute: 2e-6, relative: 2e-5, name: repeatBias });
  });
});
