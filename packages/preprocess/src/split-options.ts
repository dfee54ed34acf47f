import { anything, type OptionCheck, type OptionChecks, optionError } from '@gru4rec/checks';

export type CutSplit = 'validation' | 'test';
export const cutSplits: readonly CutSplit[] = ['test', 'validation'];

/** Which events or sessions are held out of training. At most one option per split. */
export interface SplitOptions {
  readonly testInputs?: readonly string[] | undefined;
  /** Sessions whose last event is in this many last days become the test split. */
  readonly testDays?: number | undefined;
  /** Sessions whose last event is at this ISO 8601 date or time, or later, become the test split; in UTC without a zone. */
  readonly testFrom?: string | undefined;
  /** This share of the sessions that the filters leave, those that end last, become the test split. */
  readonly testFraction?: number | undefined;
  /** Like `testDays` for the validation split, of the remaining sessions. */
  readonly validationDays?: number | undefined;
  /** Like `testFrom`, of the remaining sessions. */
  readonly validationFrom?: string | undefined;
  /** A share of all sessions, like `testFraction`, taken from the remaining ones. */
  readonly validationFraction?: number | undefined;
}

const days: OptionCheck = {
  expected: 'days > 0',
  fits: (value) => typeof value === 'number' && value > 0 && value < 1e6,
};
const from: OptionCheck = {
  expected: 'a date such as 2026-05-01, or a time such as 2026-05-01T12:00Z',
  fits: (value) => typeof value === 'string' && parseTime(value) !== undefined,
};
const fraction: OptionCheck = {
  expected: 'a share of the sessions between 0 and 1',
  fits: (value) => typeof value === 'number' && value > 0 && value < 1,
};

export const splitChecks: OptionChecks<SplitOptions> = {
  testInputs: anything,
  testDays: days,
  testFrom: from,
  testFraction: fraction,
  validationDays: days,
  validationFrom: from,
  validationFraction: fraction,
};

export type SplitRule =
  | { readonly days: number }
  /** Milliseconds since 1970 UTC. */
  | { readonly fromMs: number }
  | { readonly fraction: number };

export function splitRule(options: SplitOptions, split: CutSplit): SplitRule | undefined {
  const days = options[`${split}Days`];
  const from = options[`${split}From`];
  const fraction = options[`${split}Fraction`];
  if (days !== undefined) return { days };
  if (from !== undefined) return { fromMs: parseTime(from) ?? Number.NaN };
  return fraction === undefined ? undefined : { fraction };
}

export function heldOutSplits(options: SplitOptions): CutSplit[] {
  const hasTest = splitRule(options, 'test') !== undefined || options.testInputs !== undefined;
  return [
    ...(splitRule(options, 'validation') ? ['validation' as const] : []),
    ...(hasTest ? ['test' as const] : []),
  ];
}

export function checkSplitOptions(options: SplitOptions): void {
  const [testFrom, validationFrom] = [options.testFrom, options.validationFrom].map((from = '') =>
    parseTime(from),
  );
  if (testFrom !== undefined && validationFrom !== undefined && validationFrom >= testFrom) {
    throw optionError(RangeError, {
      caller: 'prepare',
      option: 'validationFrom',
      problem: `expected a time before that of the test split (${options.testFrom}), got ${options.validationFrom}. Validation sessions are those before the test sessions.`,
    });
  }
  const held = (options.testFraction ?? 0) + (options.validationFraction ?? 0);
  if (held >= 1) {
    throw optionError(RangeError, {
      caller: 'prepare',
      option: 'validationFraction',
      problem: `expected less than ${1 - (options.testFraction ?? 0)}, so that training sessions are left beside the test split, got ${options.validationFraction}.`,
    });
  }
}

/** Milliseconds since 1970 of an ISO 8601 date or time, in UTC without a zone; undefined if it is none. */
export function parseTime(text: string): number | undefined {
  const form = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/;
  const [matched, day = '', minute = '00:00', second = ':00', zone = 'Z'] = form.exec(text) ?? [];
  const ms = matched === undefined ? Number.NaN : Date.parse(`${day}T${minute}${second}${zone}`);
  if (Number.isNaN(ms)) return undefined;
  // Date.parse takes February 30 for March 1 or 2.
  return new Date(Date.parse(`${day}T00:00Z`)).toISOString().startsWith(day) ? ms : undefined;
}
