import { describe, expect, it } from 'vitest';
import { checkCount, type RuleOptions, ruleOptions } from '../src/rule-options.ts';

describe('ruleOptions', () => {
  it('keeps 20 rules and repeats by default', () => {
    expect(ruleOptions('associationRules', {})).toEqual({ pruning: 20, repeats: true });
  });

  it.each([
    { pruning: 1, repeats: false },
    { pruning: Number.POSITIVE_INFINITY, repeats: true },
  ])('accepts %j', (options) => {
    expect(ruleOptions('associationRules', options)).toEqual(options);
  });

  it.each([
    [{ pruning: 0 }, '"pruning" expected integer >= 1 or Infinity, got 0.'],
    [{ pruning: 1.5 }, '"pruning" expected integer >= 1 or Infinity, got 1.5.'],
    [{ repeats: 'no' }, '"repeats" expected true or false, got no.'],
  ])('refuses %j', (options, message) => {
    expect(() => ruleOptions('associationRules', options as RuleOptions)).toThrow(
      new RangeError(`associationRules: ${message}`),
    );
  });
});

describe('checkCount', () => {
  it.each([1, 10, Number.POSITIVE_INFINITY])('accepts %s', (value) => {
    expect(() => checkCount('sequentialRules', 'steps', value)).not.toThrow();
  });

  it.each([0, -1, 2.5, Number.NaN, Number.NEGATIVE_INFINITY])('refuses %s', (value) => {
    expect(() => checkCount('sequentialRules', 'steps', value)).toThrow(
      new RangeError(`sequentialRules: "steps" expected integer >= 1 or Infinity, got ${value}.`),
    );
  });
});
