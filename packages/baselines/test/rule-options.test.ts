import { describe, expect, it } from 'vitest';
import { ruleOptions } from '../src/rules.ts';

describe('ruleOptions', () => {
  it('keeps 20 rules and repeats by default', () => {
    expect(ruleOptions({})).toEqual({ pruning: 20, repeats: true });
  });

  it.each([
    { pruning: 1, repeats: false },
    { pruning: Number.POSITIVE_INFINITY, repeats: true },
  ])('accepts %j', (options) => {
    expect(ruleOptions(options)).toEqual(options);
  });
});
