import assert from 'node:assert/strict';
import { createReferenceEngine } from '@gru4rec/engine-reference';
import { ProgramBuilder } from '@gru4rec/program';

const b = new ProgramBuilder('scores');
const items = b.input('items', { dtype: 'i32', rows: 2, cols: 1 });
const hidden = b.input('hidden', { dtype: 'f32', rows: 1, cols: 2 });
const rows = b.gather(b.variable('table', 'table', 3, 2), items);
b.output('scores', b.matmul(hidden, rows, { transposeB: true }));

const runtime = createReferenceEngine().load([b.build()]);
runtime.write('table', [1, 2, 3, 4, 5, 6]);
const { scores } = runtime.run('scores', { items: Int32Array.of(2, 0), hidden: Float32Array.of(1, 10) });
assert.deepEqual(scores, Float64Array.of(5 + 60, 1 + 20));
