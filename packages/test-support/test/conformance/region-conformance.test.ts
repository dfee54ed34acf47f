import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { type RegionCase, regionConformance } from '@gru4rec/test-support';

const softplus: RegionCase = {
  region: 'softplus',
  attributes: { shift: 1 },
  inputs: [
    { dtype: 'f32', rows: 3, cols: 5, low: -2, high: 2 },
    { dtype: 'f32', rows: 1, cols: 5, trained: false },
    { dtype: 'i32', rows: 2, cols: 1, values: Int32Array.of(2, 0) },
  ],
  compose: (body, x, bias, rows) => {
    const sum = body.add(x, bias);
    return [body.log(body.affine(body.exp(sum), 1, 1)), body.gather(body.stopGradient(sum), rows)];
  },
};

regionConformance({
  name: 'reference',
  createEngine: createReferenceEngine,
  cases: [softplus, { ...softplus, lossOutputs: [0] }],
  tolerance: { absolute: 0, relative: 0 },
  fusedRegions: ['softplus', 'softplus.gradient', 'adagrad'],
});
