import { type ScoredTable, topProgram } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { createWasmEngine } from '../src/index.ts';
import { testScreening } from './screening-tests.ts';
import { fastVariants } from './variants.ts';

for (const [name, options] of Object.entries(fastVariants)) {
  testScreening(name, (more) => createWasmEngine({ ...options, ...more }), { tables: 20, units: 60 });
}

const small: ScoredTable = {
  ...{ rows: 40, units: 4, slots: 1, k: 3 },
  table: Float32Array.from({ length: 160 }, (_, i) => Math.sin(i * i)),
  bias: Float32Array.from({ length: 40 }, (_, i) => Math.cos(i)),
  hidden: Float32Array.of(1, -0.5, 0.25, 0),
  target: Int32Array.of(0),
};

it('screens tables of the given number of elements, 30,000 by default', () => {
  const isScreened = (rows: number, screenFrom?: number): boolean => {
    const runtime = createWasmEngine({ threads: 1, screenFrom }).load([topProgram({ ...small, rows }, 1)]);
    return runtime.kernels('top-1').includes('SCREEN_TOP');
  };
  expect([isScreened(40, 160), isScreened(40, 161)]).toEqual([true, false]);
  expect([isScreened(7500), isScreened(7499)]).toEqual([true, false]);
});

describe.each(Object.entries(fastVariants))('screening on %s', (_name, options) => {
  it('sees new values of the table and of the biases', () => {
    const runtime = createWasmEngine({ ...options, screenFrom: 0 }).load([topProgram(small, 1)]);
    const { hidden, table, bias } = small;
    const best = () => runtime.run('top-1', { hidden }).top?.[0];
    runtime.write('table', table);
    runtime.write('bias', bias.with(5, 9));
    expect([best(), best()]).toEqual([5, 5]);
    runtime.write('bias', bias.with(7, 9));
    expect(best()).toBe(7);
    runtime.write('table', Float32Array.of(100, 0, 0, 0), 30);
    expect([best(), best()]).toEqual([30, 30]);
    runtime.dispose();
  });
});

it('groups only tables of 100,000 rows and more, with 256 units at most', () => {
  const groupsOf = (rows: number, units: number): boolean => {
    const runtime = createWasmEngine({ threads: 1 }).load([topProgram({ ...small, rows, units, k: 3 }, 2)]);
    const found = runtime.group(new Float32Array(units));
    runtime.dispose();
    return found;
  };
  expect([groupsOf(99_999, 4), groupsOf(100_000, 4), groupsOf(100_000, 257)]).toEqual([false, true, false]);
});
