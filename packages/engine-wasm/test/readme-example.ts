import assert from 'node:assert/strict';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { adagrad, ProgramBuilder } from '@gru4rec/program';

// Scores of three items, and one step that lifts the second: loss = −score of item 1.
const b = new ProgramBuilder('step');
const items = b.input('items', { dtype: 'i32', rows: 3, cols: 1 });
const hidden = b.input('hidden', { dtype: 'f32', rows: 1, cols: 2 });
const rows = b.gather(b.variable('table', 'table', 5, 2), items);
const scores = b.matmul(hidden, rows, { transposeB: true });
const loss = b.affine(b.slice(b.transpose(scores), 1, 2), -1, 0);
b.output('scores', scores);
for (const [name, gradient] of b.gradients(loss)) {
  b.update(name, gradient, adagrad({ epsilon: 0 }), [b.constant(0.5)]);
}

const runtime = createWasmEngine().load([b.build()]);
runtime.write('table', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
const inputs = { items: Int32Array.of(0, 4, 2), hidden: Float32Array.of(1, 10) };
assert.deepEqual([...(runtime.run('step', inputs).scores ?? [])], [1 + 20, 9 + 100, 5 + 60]);
// Adagrad's first step is the learning rate times the gradient's sign; only the row of item 4 has one.
assert.deepEqual([...runtime.read('table').slice(6)], [7, 8, 9.5, 10.5]);
assert.equal(runtime.kernels('step').includes('ADAGRAD_ROWS'), true);
