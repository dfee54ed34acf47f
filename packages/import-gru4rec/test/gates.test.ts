import { describe, expect, it } from 'vitest';
import { gateOfColumns, gateOfRows, torchGates } from '../src/gates.ts';

describe('gateOfRows', () => {
  // Two units with two inputs: r, z and n have two rows each.
  const stacked = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);

  it('transposes the rows of a gate', () => {
    expect([...gateOfRows(stacked, torchGates.r, 2)]).toEqual([1, 3, 2, 4]);
    expect([...gateOfRows(stacked, torchGates.n, 2)]).toEqual([9, 11, 10, 12]);
  });

  it('negates z', () => {
    expect([...gateOfRows(stacked, torchGates.z, 2)]).toEqual([-5, -7, -6, -8]);
  });

  it('treats a bias as rows of one value', () => {
    expect([...gateOfRows(Float32Array.of(1, 2, 3, 4, 5, 6), torchGates.z, 2)]).toEqual([-3, -4]);
  });
});

describe('gateOfColumns', () => {
  it('extracts a gate from every row', () => {
    const beside = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    expect([...gateOfColumns(beside, 1, { rows: 2, units: 2 })]).toEqual([3, 4, 7, 8]);
  });
});
