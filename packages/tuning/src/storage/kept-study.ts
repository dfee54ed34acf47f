import { checkJson, type JsonFlaw } from '@gru4rec/checked-json';
import { z } from 'zod';
import type { JsonObject } from '../json.ts';
import { parseSpace } from '../space.ts';
import { StudyError } from '../study-error.ts';
import type { TrialRecord } from '../trial.ts';
import type { StudyRecord } from './storage.ts';

const object = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject>;
const count = z.int().nonnegative();

const studySchema = z.object({
  space: z.unknown(),
  direction: z.enum(['maximize', 'minimize']),
  sampler: object,
  pruner: object.nullable(),
  seed: z.string().regex(/^\d{1,40}$/, 'expected decimal digits'),
  fingerprint: object,
});

const trialSchema = z.object({
  number: count,
  values: object,
  state: z.enum(['running', 'complete', 'pruned', 'failed']),
  value: z.number().optional(),
  error: z.string().optional(),
  startedMs: z.int(),
  endedMs: z.int().optional(),
  reports: z.array(z.object({ step: count, value: z.number() })),
});

const trialsSchema = z.array(trialSchema).superRefine((trials, context) => {
  for (const [index, { number, state, value, reports }] of trials.entries()) {
    const refuse = (key: string, expected: string) =>
      context.addIssue({ code: 'custom', path: [index, key], message: `expected ${expected}` });
    if (number !== index) refuse('number', String(index));
    if (state === 'complete' && value === undefined) refuse('value', 'a number');
    if (reports.some(({ step }, r) => r > 0 && step <= (reports[r - 1]?.step ?? 0))) {
      refuse('reports', 'steps that increase');
    }
  }
});

/** The error of a value that no coordinator wrote. */
export function alteredStudy({ path, expected, got }: JsonFlaw, place: string): StudyError {
  return new StudyError(
    `runStudy: "${path}" expected ${expected}, got ${got}, at ${place}. The study was changed by another program; name another one.`,
  );
}

/**
 * Checks what a storage has of a study.
 *
 * @param found - JSON values by column.
 * @throws StudyError naming the column.
 */
export function checkStudy(found: Readonly<Record<string, unknown>>, place: string): StudyRecord {
  const study = checkJson(studySchema, found, (flaw) => alteredStudy(flaw, place));
  try {
    return { ...study, space: parseSpace(study.space) };
  } catch (cause) {
    const message = `runStudy: "space" expected a search space, got another value, at ${place}. The study was changed by another program; name another one.`;
    throw new StudyError(message, { cause });
  }
}

/**
 * Checks what a storage has of its trials.
 *
 * @param found - in order of number.
 * @throws StudyError naming index and key.
 */
export function checkTrials(found: readonly unknown[], place: string): TrialRecord[] {
  return checkJson(trialsSchema, found, ({ path, ...flaw }) =>
    alteredStudy({ path: `trials.${path}`, ...flaw }, place),
  );
}
