import assert from 'node:assert/strict';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { findNativeKernels } from '@gru4rec/kernels-native';
import { ProgramBuilder } from '@gru4rec/program';

const b = new ProgramBuilder('double');
const x = b.input('x', { dtype: 'f32', rows: 1, cols: 3 });
b.output('y', b.affine(x, 2, 0));

// Without native kernels the engine runs WebAssembly's: state.reason says why.
const state = findNativeKernels();
const engine = createWasmEngine({ native: state.kernels });
const { y } = engine.load([b.build()]).run('double', { x: Float32Array.of(1, 2, 3) });
assert.deepEqual([...(y ?? [])], [2, 4, 6]);
