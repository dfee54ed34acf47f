import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { parseSpace, SpaceError } from '../src/space.ts';

/** `FUZZ_CASES` and `FUZZ_SEED` change the number of cases and the seed. */
const run = {
  numRuns: Number(process.env['FUZZ_CASES'] ?? 2000),
  seed: Number(process.env['FUZZ_SEED'] ?? 1),
};
vi.setConfig({ testTimeout: 20_000 + 100 * run.numRuns });

const words = 'type low high step log options value x __proto__ constructor toString';
const key = fc.constantFrom('', ...words.split(' '));
const number = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(1e308, -1e308, 5e-324, 2 ** 53, 2 ** 53 - 1, -0, Infinity, Number.NaN),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    number,
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('uniform', 'log-uniform', 'integer', 'choice', 'constant', 'x'),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
  // JSON.parse makes `__proto__` an ordinary key.
  object: fc
    .array(fc.tuple(key, tie('value')), { maxLength: 5 })
    .map((entries) => Object.fromEntries(entries)),
}));

/** Parameters that are nearly valid. */
const parameter = fc.oneof(
  value,
  fc
    .record({
      type: fc.constantFrom('uniform', 'log-uniform', 'integer'),
      low: number,
      high: number,
      more: fc.dictionary(key, value, { maxKeys: 1 }),
    })
    .map(({ more, ...rest }) => ({ ...rest, ...more })),
);

describe('parseSpace under fuzz', () => {
  it('accepts values in range or refuses the others in a short line', () => {
    let taken = 0;
    const space = fc.array(fc.tuple(key, parameter), { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(space, (entries) => {
        const json: unknown = Object.fromEntries(entries);
        try {
          const parsed = parseSpace(json);
          taken++;
          const copy = JSON.parse(JSON.stringify(parsed));
          expect(parseSpace(copy)).toEqual(copy);
          expect(Object.keys(parsed)).not.toContain('__proto__');
          for (const found of Object.values(parsed)) {
            if (found.type === 'constant' || found.type === 'choice') continue;
            expect(Number.isFinite(found.high - found.low) && found.low < found.high).toBe(true);
            if (found.type === 'log-uniform') expect(found.low).toBeGreaterThan(0);
            if (found.type !== 'integer') continue;
            expect([found.low, found.high, found.step].every(Number.isSafeInteger)).toBe(true);
            expect((found.high - found.low) % found.step).toBe(0);
          }
        } catch (error) {
          if (!(error instanceof SpaceError)) throw error;
          expect(error.message).not.toContain('\n');
          expect(error.message.length).toBeLessThan(5000);
        }
      }),
      run,
    );
    expect(taken).toBeGreaterThan(0);
  });

  const deep = `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const within = '{"x":{"type":"choice","options":[{"__proto__":1},{}]}}';
  it.each([
    ['a deep list', deep, 'values nested 32 deep at most, got deeper ones'],
    ['a prototype within', within, 'no key "__proto__", got one'],
  ])('refuses %s', (_, json, expected) => {
    expect(() => parseSpace(JSON.parse(json))).toThrow(new SpaceError(`"space" expected ${expected}`));
  });
});
