import { describe, expect, it } from 'vitest';
import { listPublicPackages } from '../lib/pack.mjs';
import { sizeProblems } from '../lib/package-sizes.mjs';

describe('sizeProblems', () => {
  it.each(listPublicPackages())('has a ceiling for $name, and names a package beyond it', ({ name }) => {
    expect(sizeProblems(name, 1)).toEqual([]);
    expect(sizeProblems(name, 5e6)).toEqual([
      expect.stringMatching(/^size: expected at most \d+ kB, got 5000 kB packed/),
    ]);
  });

  it('asks for a ceiling of a new package', () => {
    expect(sizeProblems('@gru4rec/new', 1)).toEqual([expect.stringMatching(/got none for 1 kB packed$/)]);
  });
});
