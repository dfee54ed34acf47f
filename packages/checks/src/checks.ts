import type { OptionCheck } from './check-options.ts';

/** Whatever is not null, for a value that the function itself checks. */
export const anything: OptionCheck = { expected: 'a value', fits: (value) => value !== null };

/** A boolean. */
export const flag: OptionCheck = { expected: 'true or false', fits: (value) => typeof value === 'boolean' };

/** A function. */
export const callback: OptionCheck = {
  expected: 'a function',
  fits: (value) => typeof value === 'function',
};

/** A string. */
export const text: OptionCheck = { expected: 'a string', fits: (value) => typeof value === 'string' };

/** Above 0, or Infinity. */
export const positive: OptionCheck = {
  expected: 'number > 0',
  fits: (value) => typeof value === 'number' && value > 0,
};

/** Finite, above 0. */
export const finiteAbove0: OptionCheck = {
  expected: 'finite number > 0',
  fits: (value) => Number.isFinite(value) && positive.fits(value),
};

/** Finite, at least `least`. */
export function finite(least: number): OptionCheck {
  return {
    expected: `finite number >= ${least}`,
    fits: (value) => Number.isFinite(value) && Number(value) >= least,
  };
}

/** At least `least`, and at most `most` or 2⁵³ − 1. */
export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): OptionCheck {
  return {
    expected: most === Number.MAX_SAFE_INTEGER ? `integer >= ${least}` : `integer in [${least}, ${most}]`,
    fits: (value) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most,
  };
}

/** An integer ≥ 1, or Infinity for no limit. */
export const countOrAll: OptionCheck = {
  expected: 'integer >= 1 or Infinity',
  fits: (value) => value === Number.POSITIVE_INFINITY || integer(1).fits(value),
};

/** In [0, 1]. */
export const share: OptionCheck = {
  expected: 'number in [0, 1]',
  fits: (value) => typeof value === 'number' && value >= 0 && value <= 1,
};

/** One of these strings. */
export function oneOf(values: readonly string[]): OptionCheck {
  return { expected: values.join(', '), fits: (value) => values.some((one) => one === value) };
}

/** The check, of an option that must be given. */
export function required(check: OptionCheck): OptionCheck & { readonly isRequired: true } {
  return { ...check, isRequired: true };
}
