import assert from 'node:assert/strict';
import { createTensorFlowEngine } from '@gru4rec/engine-tensorflow';
import { loadTensorFlow } from '@gru4rec/engine-tensorflow/runtime';
import { adagrad, EngineUnavailableError, ProgramBuilder } from '@gru4rec/program';

const b = new ProgramBuilder('step');
const items = b.input('items', { dtype: 'i32', rows: 2, cols: 1 });
const rows = b.gather(b.variable('table', 'table', 100, 3), items);
const loss = b.sum(b.sum(b.multiply(rows, rows), 1), 0);
b.output('loss', loss);
for (const [name, gradient] of b.gradients(loss)) b.update(name, gradient, adagrad(), [b.constant(0.1)]);

try {
  // `GRU4REC_CACHE=runtimes npx gru4rec setup tensorflow` puts one there.
  const { tensorflow } = loadTensorFlow({ device: 'cpu', folder: 'runtimes' });
  const runtime = createTensorFlowEngine({ tensorflow }).load([b.build()]);
  runtime.write('table', new Float32Array(300).fill(1));
  const step = () => runtime.run('step', { items: Int32Array.of(7, 42) }).loss?.[0] ?? 6; // one native call
  assert.equal(step(), 6);
  assert.ok(step() < 6);
} catch (error) {
  if (!(error instanceof EngineUnavailableError)) throw error; // its message says what was tried and what helps
}
