import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ProgramBuilder } from '@gru4rec/program';
import { engineConformance, float32Tolerance } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { createWasmEngine } from '../src/index.ts';
import { variants } from './variants.ts';

for (const [name, options] of Object.entries(variants)) {
  if (!/on [23] threads$/.test(name)) continue;
  engineConformance({ name, createEngine: () => createWasmEngine(options), tolerance: float32Tolerance });
}

v8.setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

describe('a runtime', () => {
  it('gives its memory back when it is disposed of, also that of other threads', () => {
    const b = new ProgramBuilder('scores');
    const table = b.variable('table', 'table', 2 ** 20, 16);
    b.output(
      'scores',
      b.matmul(table, b.input('x', { dtype: 'f32', rows: 2, cols: 16 }), { transposeB: true }),
    );
    const engine = createWasmEngine({ threads: 2 });
    const values = new Float32Array(2 ** 24).fill(1);
    const resident = Array.from({ length: 14 }, () => {
      const runtime = engine.load([b.build()]);
      runtime.write('table', values);
      runtime.run('scores', { x: new Float32Array(32) });
      runtime.dispose();
      collectGarbage();
      return process.memoryUsage.rss();
    });
    // Seven kept ones of 64 MiB would be 448 MiB more. The least of each half, because other memory of the process moves.
    const least = (from: number) => Math.min(...resident.slice(from, from + 7));
    expect(least(7) - least(0)).toBeLessThan(200 * 2 ** 20);
  });
});
