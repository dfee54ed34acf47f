import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigError, configKeys, parseConfig } from '../src/config.ts';

/** `FUZZ_CASES` sets the length of the run, `FUZZ_SEED` its seed. */
const run = {
  numRuns: Number(process.env['FUZZ_CASES'] ?? 2000),
  seed: Number(process.env['FUZZ_SEED'] ?? 1),
};
const timeoutMs = 20_000 + 100 * run.numRuns;

const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, 0.5, 1, 1e308, 5e-324, 2 ** 53, 2 ** 53 - 1, -0, -1, Infinity, Number.NaN),
);
const word = fc.constantFrom(
  ...['bpr-max', 'cross-entropy', 'adam', 'all', 'layersize', 'shuffled', 'linear', 'constructor', ''],
  ...[
    'elu-1e400',
    'elu-0.5',
    'elu--1',
    'selu-1-',
    'leaky-NaN',
    '__proto__',
    'a'.repeat(64),
    `${'a'.repeat(64)}\n`,
  ],
);
const scalar = fc.oneof(number, word, fc.boolean(), fc.constant(null));
const value = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('a', '__proto__', 'length'), scalar, { maxKeys: 2 }),
);
const key = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom(...configKeys) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', '', 'Layers'),
  },
);
const entry = fc.oneof(
  { weight: 20, arbitrary: fc.tuple(key, value) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('loss'), scalar) },
);

describe('parseConfig under fuzz', () => {
  it(
    'gives what it reads again from JSON, or refuses it in one line',
    () => {
      let taken = 0;
      fc.assert(
        fc.property(fc.array(entry, { maxLength: 3 }), (entries) => {
          // As JSON.parse creates it: `__proto__` is an ordinary key.
          const json: unknown = Object.fromEntries(entries);
          try {
            const config = parseConfig(json);
            taken++;
            expect(Object.keys(config).toSorted()).toEqual([...configKeys].toSorted());
            // As JSON, where −0 is 0.
            const written = JSON.stringify(config);
            expect(JSON.stringify(parseConfig(JSON.parse(written)))).toBe(written);
          } catch (error) {
            if (!(error instanceof ConfigError)) throw error;
            expect(error.message).not.toContain('\n');
          }
        }),
        run,
      );
      expect(taken).toBeGreaterThan(0);
    },
    timeoutMs,
  );
});
