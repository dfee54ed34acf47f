import assert from 'node:assert/strict';
import { adagrad, ProgramBuilder, runProgram, type ScalarArray } from '@gru4rec/program';
import { createReferenceEngine } from '@gru4rec/program/interpreter';

const b = new ProgramBuilder<{ items: Int32Array }, { loss: ScalarArray }>('step');
const items = b.input('items', { dtype: 'i32', rows: 2, cols: 1 });
const weights = b.variable('weights', 'parameter', 3, 1);
const rows = b.gather(b.variable('table', 'table', 100, 3), items);
const loss = b.sum(b.sigmoid(b.matmul(rows, weights)), 0);
b.output('loss', loss);
for (const [name, gradient] of b.gradients(loss)) {
  b.update(name, gradient, adagrad({ momentum: 0.1 }), [b.constant(0.1)]);
}

const program = b.build();
const runtime = createReferenceEngine().load([program]);
runtime.write('weights', [1, -1, 0]);
const before = runProgram(runtime, program, { items: Int32Array.of(7, 42) }).loss[0];
const after = runProgram(runtime, program, { items: Int32Array.of(7, 42) }).loss[0];
assert.equal(before, 1); // a row of zeros scores 0, and σ(0) = 1 / 2
assert.ok(after < before);
