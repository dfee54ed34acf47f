import assert from 'node:assert/strict';
import { chooseEngine, chooseEngineName } from '@gru4rec/engines';
import { ProgramBuilder, runProgram, type ScalarArray } from '@gru4rec/program';

assert.equal(chooseEngineName('auto', { threads: 1 }), 'wasm'); // only this engine takes a number of threads

const { engine, facts } = await chooseEngine('wasm', { threads: 1, kernels: 'wasm' });
assert.equal(facts['threads'], 1); // what the bits of a run depend on besides the engine's name

const b = new ProgramBuilder<{ x: Float32Array }, { sum: ScalarArray }>('step');
b.output('sum', b.sum(b.input('x', { dtype: 'f32', rows: 3, cols: 1 }), 0));
const program = b.build();
const { sum } = runProgram(engine.load([program]), program, { x: Float32Array.of(1, 2, 3) });
assert.equal(sum[0], 6);

await assert.rejects(chooseEngine('reference', { threads: 2 }), /has no threads, got 2/);
