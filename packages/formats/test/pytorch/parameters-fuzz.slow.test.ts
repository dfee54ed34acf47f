import { ConfigError, parseConfig } from '@gru4rec/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OriginalFormatError, parseParameterFile, toConfig } from '../../src/pytorch/parameters.ts';

/** `FUZZ_CASES` and `FUZZ_SEED` change the number of cases and the seed. */
const run = {
  numRuns: Number(process.env['FUZZ_CASES'] ?? 1000),
  seed: Number(process.env['FUZZ_SEED'] ?? 1),
};
const timeoutMs = 20_000 + 100 * run.numRuns;

const soundFile = `from collections import OrderedDict
gru4rec_params = OrderedDict([
('loss', 'bpr-max'), ("layers", [100]), ('learning_rate', 0.05), ('n_sample', 2048), # samples
('constrained_embedding', True), ('elu_param', 0.5), ('device', 'cpu'), ('momentum', 1e-1),
])
`;

const piece = fc.constantFrom(
  ...['(', ')', '[', ']', '{', '}', ',', '=', '/', '"', "'", '"""', '#', ':', ';'],
  ...['\n', '\\', '\0', '\ufeff', '\u00a0', '\ud800', '9'.repeat(400), '9223372036854775808'],
  ...['1e999', '-1', '010', '0x1F', '1_000', 'nan', 'inf', 'None', 'True', 'x', '__proto__', 'loss'],
  ...'import os;os.system("x");lambda: 1;f"{1}";1+1;*a;dict(;()'.split(';'),
);
const changed = (sound: string) =>
  fc
    .array(fc.tuple(fc.nat(sound.length), fc.nat(8), piece), { minLength: 1, maxLength: 3 })
    .map((changes) =>
      changes.reduce((text, [at, removed, put]) => text.slice(0, at) + put + text.slice(at + removed), sound),
    );

/** Whether parameters are accepted. Otherwise the error must be one short line. */
function isTaken(text: string): boolean {
  try {
    const { config } = toConfig(parseParameterFile(text));
    parseConfig(config);
    return true;
  } catch (error) {
    if (!(error instanceof OriginalFormatError || error instanceof ConfigError)) throw error;
    expect(error.message).not.toContain('\n');
    expect(error.message.length).toBeLessThan(3000);
    return false;
  }
}

describe('parseParameterFile under fuzz', () => {
  it(
    'accepts valid parameters or refuses the others in one line',
    () => {
      expect(isTaken(soundFile)).toBe(true);
      let taken = 0;
      fc.assert(
        fc.property(changed(soundFile), (text) => {
          if (isTaken(text)) taken++;
        }),
        run,
      );
      expect(taken).toBeGreaterThan(0);
    },
    timeoutMs,
  );

  it(
    'takes any text for a wrong one',
    () => {
      fc.assert(
        fc.property(fc.string({ unit: 'binary', minLength: 1 }), (text) => {
          expect(isTaken(text)).toBe(false);
        }),
        { ...run, numRuns: Math.ceil(run.numRuns / 4) },
      );
    },
    timeoutMs,
  );
});
