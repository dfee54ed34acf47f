import { describe, expect, it } from 'vitest';
import { nodeVersionProblem, satisfiesMinimum } from '../lib/node-version.mjs';

describe('satisfiesMinimum', () => {
  it.each([
    ['20.19.0', true],
    ['20.20.2', true],
    ['24.0.0', true],
    ['20.18.3', false],
    ['18.20.8', false],
    ['9.99.0', false],
  ])('answers for %s', (version, expected) => {
    expect(satisfiesMinimum(version, '>=20.19')).toBe(expected);
  });

  it('refuses a range that it does not understand', () => {
    expect(() => satisfiesMinimum('20.19.0', '^20')).toThrow(
      'satisfiesMinimum: "range" expected >=major.minor, got ^20.',
    );
  });
});

describe('nodeVersionProblem', () => {
  it('accepts a sufficient version', () => {
    expect(nodeVersionProblem('20.19.0', '>=20.19')).toBeUndefined();
  });

  it('returns one line that names both versions', () => {
    expect(nodeVersionProblem('18.0.0', '>=20.19')).toMatch(
      /^Node >=20\.19 is needed, this is 18\.0\.0\..*$/,
    );
  });
});
