import { createReferenceEngine } from '@gru4rec/engine-reference';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { adagrad, ProgramBuilder } from '@gru4rec/program';
import { crossEntropy, bprMax, train, parseConfig } from './src/index.ts';
const tryIt = async (name: string, f: () => unknown) => { try { console.log(name, await f()); } catch (e) { console.log(name, 'THROWS', (e as Error).message); } };
const prog = (two: boolean, output: boolean) => {
  const b = new ProgramBuilder('p');
  const scores = b.variable('scores', 'parameter', 6, 4);
  const weight = b.constant(1, 6, 1), live = b.constant(1, 1, 4);
  let loss = crossEntropy(b, { scores, weight, live }, { batchSize: 4, smoothing: 0.5 });
  if (two) loss = b.add(loss, crossEntropy(b, { scores, weight, live }, { batchSize: 4, smoothing: 0 }));
  const g = b.gradients(loss).get('scores')!;
  if (output) b.output('loss', loss);
  b.output('g', (g as any).tensor);
  return b.build();
};
for (const [two, out] of [[true, true], [false, false]] as const) {
  for (const e of [createWasmEngine(), createWasmEngine({ fuse: false }), createReferenceEngine()]) {
    await tryIt(`two=${two} out=${out} ${e.name}`, () => {
      const rt = e.load([prog(two, out)]);
      rt.write('scores', Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)));
      const o = rt.run('p', {});
      return [o.loss?.[0], ...Array.from(o.g!).slice(0, 4)].join(' ');
    });
  }
}
// assigned and updated
for (const e of [createWasmEngine(), createReferenceEngine()]) await tryIt(`twice changed ${e.name}`, () => {
  const b = new ProgramBuilder('p'); const x = b.variable('x', 'parameter', 1, 2);
  b.assign('x', b.constant(5, 1, 2));
  b.update('x', { kind: 'dense', tensor: b.constant(1, 1, 2) }, adagrad({ momentum: 0 }), b.constant(0.1));
  b.update('x', { kind: 'dense', tensor: b.constant(1, 1, 2) }, adagrad({ momentum: 0 }), b.constant(0.1));
  const rt = e.load([b.build()]); rt.run('p', {}); return rt.read('x');
});
for (const e of [createWasmEngine(), createReferenceEngine()]) await tryIt(`index -5 ${e.name}`, () => {
  const b = new ProgramBuilder('p'); const i = b.input('i', { dtype: 'i32', rows: 2, cols: 1 });
  b.output('o', b.gather(b.variable('t', 'table', 3, 2), i));
  return e.load([b.build()]).run('p', { i: Int32Array.of(-5, 1) }).o;
});
// alias of the left factor
for (const e of [createWasmEngine(), createReferenceEngine()]) await tryIt(`alias ${e.name}`, () => {
  const b = new ProgramBuilder('p'); const i = b.input('i', { dtype: 'i32', rows: 3, cols: 1 }); const j = b.input('j', { dtype: 'i32', rows: 3, cols: 1 });
  b.variable('t', 'table', 3, 2);
  const x = b.affine(b.input('x', { dtype: 'f32', rows: 3, cols: 2 }), 2, 0);
  const m = b.affine(b.input('m', { dtype: 'f32', rows: 2, cols: 2 }), 2, 0);
  b.update('t', { kind: 'rows', parts: [{ indices: i, rows: b.matmul(x, m) }, { indices: j, rows: b.stopGradient(x) }] }, adagrad({ momentum: 0, epsilon: 1 }), b.constant(0.1));
  const rt = e.load([b.build()]);
  rt.run('p', { i: Int32Array.of(1, 1, 1), j: Int32Array.of(0, 1, 2), x: Float32Array.of(.1,.2,.3,.4,.5,.6), m: Float32Array.of(.1,.2,.3,.4) });
  return Array.from(rt.read('t')).join(' ');
});
const data = (items: number[], support: number[]) => ({ itemIds: ['a', 'b', 'c'], support: Int32Array.from(support), train: { sessionOffsets: Int32Array.of(0, 3, 6), items: Int32Array.from(items), sessionStartTimes: Float64Array.of(1, 2) } });
const cfg = (o: object) => parseConfig({ nEpochs: 1, batchSize: 2, nSample: 4, layers: [1], ...o });
await tryIt('item -1', async () => (await train(data([0, -1, 2, 0, 1, 2], [2, 2, 2]), cfg({}), { engine: createWasmEngine() })).history[0]!.loss);
await tryIt('item 3', async () => (await train(data([0, 3, 2, 0, 1, 2], [2, 2, 2]), cfg({}), { engine: createWasmEngine() })).history[0]!.loss);
await tryIt('support short', async () => (await train(data([0, 1, 2, 0, 1, 2], [2, 2]), cfg({}), { engine: createWasmEngine() })).history[0]!.loss);
await tryIt('support long', async () => (await train(data([0, 1, 2, 0, 1, 2], [2, 2, 2, 50]), cfg({}), { engine: createWasmEngine() })).history[0]!.loss);
await tryIt('layers 1', async () => { const m = await train(data([0, 1, 2, 0, 1, 2], [2, 2, 2]), cfg({ nEpochs: 5 }), { engine: createWasmEngine() }); return m.tensors.filter((t) => !t.name.includes('.acc')).map((t) => `${t.name} ${Array.from(t.values)}`).join('; '); });
await tryIt('batch 1 no samples ce', async () => (await train(data([0, 1, 2, 0, 1, 2], [2, 2, 2]), cfg({ batchSize: 1, nSample: 0 }), { engine: createWasmEngine() })).history[0]!.loss);
await tryIt('batch 1 no samples bpr', async () => (await train(data([0, 1, 2, 0, 1, 2], [2, 2, 2]), cfg({ batchSize: 1, nSample: 0, loss: 'bpr-max' }), { engine: createWasmEngine() })).history[0]!.loss);
await tryIt('one session no samples', async () => (await train({ ...data([0, 1, 2], [2, 2, 2]), train: { sessionOffsets: Int32Array.of(0, 3), items: Int32Array.of(0, 1, 2), sessionStartTimes: Float64Array.of(1) } }, cfg({ batchSize: 2, nSample: 0 }), { engine: createWasmEngine() })).history[0]!.loss);
await tryIt('huge lr', async () => { const m = await train(data([0, 1, 2, 0, 1, 2], [2, 2, 2]), cfg({ nEpochs: 1, learningRate: 3e38, layers: [4] }), { engine: createWasmEngine() }); return m.tensors.map((t) => `${t.name} ${t.values.every(Number.isFinite)}`).join(' '); });
