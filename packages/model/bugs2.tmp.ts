import { createReferenceEngine } from '@gru4rec/engine-reference';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { ProgramBuilder } from '@gru4rec/program';
import { crossEntropy } from './src/index.ts';
for (const e of [createWasmEngine(), createWasmEngine({ fuse: false }), createReferenceEngine()]) {
  const b = new ProgramBuilder('p');
  const scores = b.variable('scores', 'parameter', 6, 4);
  const weight = b.constant(1, 6, 1), live = b.constant(1, 1, 4);
  for (const smoothing of [0.5, 0]) {
    const loss = crossEntropy(b, { scores, weight, live }, { batchSize: 4, smoothing });
    b.output(`l${smoothing}`, loss);
    b.output(`g${smoothing}`, (b.gradients(loss).get('scores') as any).tensor);
  }
  const rt = e.load([b.build()]);
  rt.write('scores', Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)));
  const o = rt.run('p', {});
  console.log(e.name, Object.entries(o).map(([k, v]) => `${k} ${v[0]} ${v[1]}`).join(', '));
}
