import {
  expectExactTop,
  expectGroupedTop,
  groupedShapes,
  type ScoredTable,
  scoredTables,
  topProgram,
} from '@gru4rec/test-support';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createWasmEngine } from '../src/index.ts';
import { variants } from './variants.ts';

const small: ScoredTable = {
  ...{ rows: 40, units: 4, slots: 1, k: 3 },
  table: Float32Array.from({ length: 160 }, (_, i) => Math.sin(i * i)),
  bias: Float32Array.from({ length: 40 }, (_, i) => Math.cos(i)),
  hidden: Float32Array.of(1, -0.5, 0.25, 0),
  target: Int32Array.of(0),
};

describe.each(Object.entries(variants))('screening on %s', (_name, options) => {
  const screened = createWasmEngine({ ...options, screenFrom: 0 });
  const whole = createWasmEngine({ ...options, screenFrom: Number.POSITIVE_INFINITY });

  it('lists the rows that float32 scores list', () => {
    fc.assert(
      fc.property(scoredTables, (given) => expectExactTop(screened, whole, given)),
      { numRuns: 20 },
    );
    expect(screened.load([topProgram(small, 1)]).kernels('top-1')).toContain('SCREEN_TOP');
    expect(whole.load([topProgram(small, 1)]).kernels('top-1')).not.toContain('SCREEN_TOP');
  });

  it('sees new values of the table and of the biases', () => {
    const runtime = screened.load([topProgram(small, 1)]);
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

  it.each(groupedShapes)('lists the rows of groups: %o', (shape) => {
    expectGroupedTop(createWasmEngine({ ...options, screenFrom: 0, groupFrom: 1 }), shape);
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
