import { readdirSync, readFileSync } from 'node:fs';
import { RandomStream } from '@gru4rec/random';
import { expectAgreement, expectExactTop, randomProgram } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { kernelFolder } from '../../scripts/native-build.mjs';
import { expectRanking, rankings } from './address-sanitizer/ranking.ts';
import { expectSteps, trainingSteps } from './address-sanitizer/training-steps.ts';
import { bothForms, comparedEngine } from './naive-forms/compared-engine.ts';

const PROGRAMS = 40;
const TABLES = 10;
/** Scores of so few slots are stored before they are ranked. */
const fewSlots = { rows: 300, slots: 5, k: 7, places: 0, nan: false } as const;
/** The losses that have kernels. */
const steps = trainingSteps.filter(({ config }) => ['cross-entropy', 'bpr-max'].includes(config.loss));

const sources = readdirSync(kernelFolder).map((name) => readFileSync(`${kernelFolder}/${name}`, 'utf8'));
const matches = (pattern: RegExp) =>
  sources.flatMap((text) => Array.from(text.matchAll(pattern), ([, name = '']) => name)).sort();
const naiveForms = matches(/^NAIVE_FORM\((\w+)\)/gm);

const forms = bothForms();

describe('naive forms', () => {
  it('are all run by builds with -DNAIVE', () => {
    expect(naiveForms).toContain('NN');
    expect(matches(/(?<=NAIVE_KERNELS.*(?:\\\n.*)*)DO\((\w+)\)/g)).toEqual(naiveForms);
  });

  if (typeof forms === 'string') it('agree with fast kernels', (ctx) => ctx.skip(forms));
});

/** Integers, whose products float32 represents exactly, so that sums in any order rank rows in the same way. */
function integerTable(seed: number) {
  const random = new RandomStream(seed, 'integer-tables');
  const [rows, units] = [1 + random.nextBelow(200), 2 + random.nextBelow(40)];
  const [slots, k] = [1 + random.nextBelow(9), 1 + random.nextBelow(20)];
  const small = (length: number) => Float32Array.from({ length }, () => random.nextBelow(9) - 4);
  const target = Int32Array.from({ length: slots }, () => random.nextBelow(rows));
  const [table, bias, hidden] = [small(rows * units), small(rows), small(slots * units)];
  return { rows, units, slots, k, table, bias, hidden, target };
}

if (typeof forms !== 'string') {
  for (const set of forms.sets) {
    describe(`fast kernels of ${set} write what their naive forms write`, () => {
      const compared = new Map<string, number>();

      it.each([1, 3])('in programs, steps and rankings for %i threads', (threads) => {
        const options = { threads, threadsFrom: 0 };
        const engine = comparedEngine(forms, set, compared, options);
        for (const { config } of steps) expectSteps(engine, config);
        for (const size of [...rankings, fewSlots]) expectRanking(engine, size);
        for (let seed = 0; seed < PROGRAMS; seed++) {
          const made = randomProgram(seed);
          const runtime = engine.load([made.program]);
          expectAgreement(runtime, made);
          runtime.dispose();
        }
        const screened = comparedEngine(forms, set, compared, { ...options, screenFrom: 0 });
        const whole = comparedEngine(forms, set, compared, {
          ...options,
          screenFrom: Number.POSITIVE_INFINITY,
        });
        for (let seed = 0; seed < TABLES; seed++) expectExactTop(screened, whole, integerTable(seed));
        expect(compared.get('NN')).toBeGreaterThan(100);
      });

      it('and are all reached', () => {
        expect(naiveForms.filter((kernel) => !compared.has(kernel))).toEqual([]);
      });
    });
  }
}
