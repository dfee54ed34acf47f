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

/** The error for a stored value that no coordinator can have written. */
export function alteredStudy({ path, expected, got }: JsonFlaw, place: string): StudyError {
  return new StudyError(
    `runStudy: "${path}" expected ${expected}, got ${got}, at ${place}. Another program changed the study. Name another study.`,
  );
}

/**
 * Checks the settings of a stored study.
 *
 * @param found - JSON values by column.
 * @param place - where the study is stored, for the message.
 * @throws StudyError naming the first invalid column.
 */
export function checkStudy(found: Readonly<Record<string, unknown>>, place: string): StudyRecord {
  const study = checkJson(studySchema, found, (flaw) => alteredStudy(flaw, place));
  try {
    return { ...study, space: parseSpace(study.space) };
  } catch (cause) {
    const message = `runStudy: "space" expected a search space, got another value, at ${place}. Another program changed the study. Name another study.`;
    throw new StudyError(message, { cause });
  }
}

/**
 * Checks the trials of a stored study.
 *
 * @param found - in order of number.
 * @param place - where the study is stored, for the message.
 * @throws StudyError naming the index and key of the first invalid value.
 */
export function checkTrials(found: readonly unknown[], place: string): TrialRecord[] {
  return checkJson(trialsSchema, found, ({ path, ...flaw }) =>
    alteredStudy({ path: `trials.${path}`, ...flaw }, place),
  );
}
