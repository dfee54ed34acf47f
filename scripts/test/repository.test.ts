import { describe, expect, it } from 'vitest';
import { pnpmVersionOf, readPins } from '../lib/repository.mjs';

describe('pnpmVersionOf', () => {
  it.each(['pnpm@10.34.9', 'pnpm@10.34.9+sha512.abc'])('reads %s', (packageManager) => {
    expect(pnpmVersionOf(packageManager)).toBe('10.34.9');
  });

  it.each(['pnpm@10', 'pnpm@latest', 'yarn@4.0.0'])('refuses %s', (packageManager) => {
    expect(() => pnpmVersionOf(packageManager)).toThrow(
      `pnpmVersionOf: "packageManager" expected pnpm@x.y.z, got ${packageManager}.`,
    );
  });
});

describe('readPins', () => {
  it('finds both pins in the root manifest', () => {
    expect(readPins()).toEqual({
      pnpmVersion: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      nodeRange: expect.stringMatching(/^>=/),
    });
  });
});
