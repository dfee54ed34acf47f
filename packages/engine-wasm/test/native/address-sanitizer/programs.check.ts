import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { kernelTable } from '../../../src/kernel-table.ts';
import { testKernels } from '../../kernel-tests.ts';
import { testSampling } from '../sampling.ts';
import { guarded, guardedEngine } from './guarded-engine.ts';

const variants = { 'on one thread': { threads: 1 }, 'on 3 threads': { threads: 3, threadsFrom: 0 } };

afterAll(() => {
  const summary = { memories: guarded.lastMemory(), calls: Object.fromEntries(guarded.calls) };
  writeFileSync(join(process.env.GUARDED_CALLS ?? '', 'summary.json'), JSON.stringify(summary));
});

for (const set of guarded.instructionSets) {
  for (const [name, variant] of Object.entries(variants))
    testKernels(`${set} ${name}`, (options) => guardedEngine(set, { ...variant, ...options }), 300);

  testSampling(set, guarded.sampling(set));

  it(`reaches every kernel of ${set}`, () => {
    const expected = Object.keys(kernelTable.kernels).filter((kernel) => kernel !== 'BARRIER');
    expect(expected.filter((kernel) => !guarded.calls.has(`${set} ${kernel}`))).toEqual([]);
  });
}
