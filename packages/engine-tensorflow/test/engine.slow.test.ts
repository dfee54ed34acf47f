import { ProgramBuilder, type Runtime } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { expectClose, float32Tolerance, tensorFlowForTests } from '@gru4rec/test-support';
import { beforeEach, describe, expect, it } from 'vitest';
import { createTensorFlowEngine } from '../src/index.ts';
import { trainParameters } from './train-parameters.ts';
import { trainRows } from './train-rows.ts';

const { loaded, missing } = tensorFlowForTests(process.env);
const start = Float32Array.from({ length: 150 }, (_, i) => i / 100 - 0.7);
const items = (step: number) => ({ items: Int32Array.of(step % 50, (step * 7) % 3 === 0 ? -1 : step % 11) });

const loadedModule = () => loaded as NonNullable<typeof loaded>;

function load(): Runtime {
  const { tensorflow } = loadedModule();
  const runtime = createTensorFlowEngine({ tensorflow }).load([trainRows()]);
  runtime.write('table', start);
  return runtime;
}

describe('createTensorFlowEngine', () => {
  beforeEach((ctx) => {
    if (missing !== undefined) ctx.skip(missing);
  });

  it('packs parameters with equal updates, and reads and writes each separately', () => {
    const [ours, reference] = [
      createTensorFlowEngine({ tensorflow: loadedModule().tensorflow }),
      createReferenceEngine(),
    ].map((engine) => engine.load([trainParameters()]));
    if (!ours || !reference) throw new Error('expected two runtimes');
    for (const runtime of [ours, reference]) {
      runtime.write('a', [0.1, 0.2, 0.3, 4, 5, 6]);
      runtime.write('b', [0.3, -0.6]);
      runtime.write('c', [0.9, 10, 0.4]);
      runtime.write('c', [0.5], 1);
      runtime.write('a', [0.4, -0.5, 0.6], 1);
      runtime.write('d', [0.7]);
    }
    expectClose(ours.read('a'), [0.1, 0.2, 0.3, 0.4, -0.5, 0.6], float32Tolerance);
    expectClose(ours.read('c'), [0.9, 0.5, 0.4], float32Tolerance);
    for (let step = 0; step < 3; step++) {
      const inputs = { x: Float32Array.of(0.1, -0.2), rate: 0.1 };
      expectClose(
        ours.run('parameters', inputs).loss ?? [],
        reference.run('parameters', inputs).loss ?? [],
        float32Tolerance,
      );
    }
    expect(ours.variables.map((v) => v.name)).toEqual(reference.variables.map((v) => v.name));
    for (const { name } of reference.variables) {
      expectClose(ours.read(name), reference.read(name), { ...float32Tolerance, name });
    }
    ours.dispose();
  });

  it('holds no more tensors after 10,000 steps than before', () => {
    const { tensorflow } = loadedModule();
    const count = () => [tensorflow.memory().numTensors, tensorflow.backend().getNumOfTFTensors()];
    const runtime = load();
    runtime.run('train', items(0));
    const before = count();
    for (let step = 0; step < 10_000; step++) runtime.run('train', items(step));
    expect(count()).toEqual(before);
  });

  it('changes nothing if no slot has an item', () => {
    const runtime = load();
    for (let step = 0; step < 3; step++) runtime.run('train', items(step));
    const before = runtime.variables.map(({ name }) => runtime.read(name));
    for (let step = 0; step < 100; step++) {
      expect(runtime.run('train', { items: Int32Array.of(-1, -1) }).loss?.[0]).toBe(0);
    }
    expect(runtime.variables.map(({ name }) => runtime.read(name))).toEqual(before);
  });

  it('copies what it is given: TensorFlow shares memory that happens to be aligned', () => {
    const { tensorflow } = loadedModule();
    for (let rows = 1; rows <= 32; rows++) {
      const b = new ProgramBuilder('keep');
      b.output('before', b.variable('kept', 'state', rows, 4));
      b.assign('kept', b.input('x', { dtype: 'f32', rows, cols: 4 }));
      const runtime = createTensorFlowEngine({ tensorflow }).load([b.build()]);
      const filled = (value: number): Float32Array => new Float32Array(4 * rows).fill(value);
      const written = filled(1);
      runtime.write('kept', written);
      written.fill(2);
      expect(runtime.run('keep', { x: filled(3) }).before).toEqual(filled(1));
      expect(runtime.run('keep', { x: filled(4) }).before).toEqual(filled(3));
      runtime.dispose();
    }
  });

  it('keeps all scores behind the mask of a softmax, however TensorFlow rewrites sums', () => {
    const b = new ProgramBuilder('masked');
    const [scores, weight] = [
      b.input('s', { dtype: 'f32', rows: 3, cols: 2 }),
      b.input('w', { dtype: 'f32', rows: 3, cols: 1 }),
    ];
    const masked = b.add(scores, b.affine(b.step(weight), 1e30, -1e30));
    b.output('masked', masked);
    b.output('shifted', b.subtract(masked, b.max(masked, 0)));
    const s = Float32Array.of(0.5, 1.5, -2, 3, 0.25, 4);
    const w = Float32Array.of(1, 0, 2);
    const runtime = createTensorFlowEngine({ tensorflow: loadedModule().tensorflow }).load([b.build()]);
    const expected = createReferenceEngine().load([b.build()]).run('masked', { s, w });
    const got = runtime.run('masked', { s, w });
    for (const name of ['masked', 'shifted']) {
      expectClose(got[name] ?? [], expected[name] ?? [], { ...float32Tolerance, name });
    }
    runtime.dispose();
  });

  it('frees its session once, and refuses to run afterwards', () => {
    const runtime = load();
    runtime.dispose();
    runtime.dispose();
    expect(() => runtime.run('train', items(0))).toThrow('run: the runtime was disposed of');
  });
});
