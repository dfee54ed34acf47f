import { describe, expect, it } from 'vitest';
import { CatalogueCoverage } from '../src/coverage.ts';

describe('CatalogueCoverage', () => {
  it('counts each recommended item once', () => {
    const coverage = new CatalogueCoverage(8);
    coverage.add(Int32Array.of(0, 1, 2));
    coverage.add(Int32Array.of(7, 2, 1));
    expect(coverage.coverage).toBe(4 / 8);
  });

  it('is a share of the items that can be recommended', () => {
    const coverage = new CatalogueCoverage(8, 5);
    coverage.add(Int32Array.of(0, 7));
    expect(coverage.coverage).toBe(2 / 5);
  });

  it('is 0 before the first list', () => {
    expect(new CatalogueCoverage(8).coverage).toBe(0);
  });
});
