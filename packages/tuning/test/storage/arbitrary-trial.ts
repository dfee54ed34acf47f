import fc from 'fast-check';
import { expect } from 'vitest';
import { parseSpace } from '../../src/space.ts';
import type { StudyRecord, StudyStorage } from '../../src/storage/storage.ts';
import type { TrialOutcome } from '../../src/trial.ts';

/** A study with everything that is hard to store. */
export const study: StudyRecord = {
  space: parseSpace({ x: { type: 'integer', low: 1, high: 5 }, y: [1, { a: null }] }),
  direction: 'minimize',
  sampler: { name: 'tpe', startupTrials: 10 },
  pruner: { name: 'median' },
  seed: '7',
  fingerprint: { dataset: 'é"\\\n', base: { nested: [true] } },
};

/** Without −0, which JSON does not have. */
const finite = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const outcome: fc.Arbitrary<TrialOutcome> = fc.oneof(
  fc.record({ state: fc.constant('complete' as const), value: finite, endedMs: fc.nat() }),
  fc.record({ state: fc.constant('pruned' as const), endedMs: fc.nat() }),
  fc.record({ state: fc.constant('failed' as const), error: fc.string(), endedMs: fc.nat() }),
);

/** Attempts at a trial, each with its reports, and the outcome of the last one. */
export const trial = fc.record({
  values: fc.dictionary(fc.string(), fc.jsonValue()).map((object) => JSON.parse(JSON.stringify(object))),
  startedMs: fc.nat({ max: 2 ** 40 }),
  attempts: fc.integer({ min: 1, max: 3 }),
  reports: fc.array(finite, { maxLength: 4 }),
  outcome: fc.option(outcome, { nil: undefined }),
});

type Trial = typeof trial extends fc.Arbitrary<infer T> ? T : never;

/**
 * Stores a trial with its attempts, of which all but the last are abandoned.
 * @param storages - take turns; `take` takes the abandoned trial.
 */
export async function keep(
  storages: readonly StudyStorage[],
  number: number,
  { values, startedMs, attempts, reports, outcome }: Trial,
  take = (storage: StudyStorage, at: number) => {
    return storage.takeAbandoned(
      number + 1,
      at,
      Array.from({ length: number }, (_, other) => other),
    );
  },
): Promise<void> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const storage = storages[attempt % storages.length];
    const at = startedMs + attempt;
    if (attempt === 0) expect(await storage.addTrial({ number, values, startedMs: at })).toBe(true);
    else expect(await take(storage, at)).toBe(number);
    for (const [step, value] of reports.entries()) await storage.addReport(number, { step, value });
    if (outcome && attempt === attempts - 1) expect(await storage.endTrial(number, outcome)).toBe(true);
  }
}
