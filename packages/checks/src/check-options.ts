import { optionError } from './option-error.ts';
import { nearest, show } from './show.ts';

/** What an option may be. */
export interface OptionCheck {
  /** In words, such as `integer >= 1`. */
  readonly expected: string;
  /** Whether a value is one of the expected. */
  readonly fits: (value: unknown) => boolean;
  /** What to do about a wrong value, as a sentence. */
  readonly advice?: string;
  readonly isRequired?: boolean;
}

/** The check of each option by name. The compiler finds a missing one, and a required one that is not `required`. */
export type OptionChecks<Options> = {
  readonly [Name in keyof Options]-?: OptionCheck &
    (Record<never, never> extends Pick<Options, Name> ? unknown : { readonly isRequired: true });
};

/**
 * Checks the options of a call: their names, and their values as far as the checks do. An undefined option is absent.
 *
 * @param caller - name of the function, for messages.
 * @throws TypeError if it is not an object, has an unknown option or lacks a required one.
 * @throws RangeError, which is an `OptionError`, if a value does not fit.
 */
export function checkOptions<Options extends object>(
  caller: string,
  options: Options,
  checks: OptionChecks<Options>,
): void {
  const known: readonly [string, OptionCheck][] = Object.entries(checks);
  const required = known.flatMap(([name, { isRequired }]) => (isRequired ? name : []));
  const optionOf = (name: string) => (options as Readonly<Record<string, unknown>>)[name];
  // A misspelt name of a required option is unknown before the option is missing.
  for (const name of isObject(options) ? Object.keys(options) : []) {
    if (Object.hasOwn(checks, name) || optionOf(name) === undefined) continue;
    const names = Object.keys(checks);
    const meant = nearest(name, names);
    const all = names.length === 0 ? 'There are none.' : `The options are ${names.join(', ')}.`;
    const advice = meant === undefined ? all : `Did you mean ${meant}?`;
    throw new TypeError(`${caller}: unknown option ${show(name)}. ${advice}`);
  }
  checkHas(caller, 'options', options, required);
  for (const [name, { expected, fits, advice = '' }] of known) {
    const value = optionOf(name);
    if (value === undefined || fits(value)) continue;
    const problem = `expected ${expected}, got ${show(value)}. ${advice}`.trimEnd();
    throw optionError(RangeError, { caller, option: name, problem });
  }
}

/**
 * Checks that an argument is an object with some properties. It may have others.
 *
 * @throws TypeError naming the argument, or the first property that it lacks.
 */
export function checkHas(caller: string, name: string, value: unknown, properties: readonly string[]): void {
  const has = properties.length === 0 ? '' : ` with ${properties.join(', ')}`;
  if (!isObject(value)) throw new TypeError(describeFlaw(caller, name, `an object${has}`, value));
  const missing = properties.find((property) => value[property] === undefined);
  if (missing === undefined) return;
  const whole = name === 'options' ? missing : `${name}.${missing}`;
  throw new TypeError(`${caller}: "${whole}" is required, got nothing.`);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Options of which each has a value. */
export type Complete<Options> = { readonly [Name in keyof Options]-?: Exclude<Options[Name], undefined> };

/** Options over their defaults. One that is undefined is not given. */
export function withDefaults<Options extends object, Name extends keyof Options>(
  defaults: Complete<Pick<Options, Name>>,
  options: Options,
): Omit<Options, Name> & Complete<Pick<Options, Name>> {
  const values = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...defaults, ...Object.fromEntries(values) } as Omit<Options, Name> &
    Complete<Pick<Options, Name>>;
}

/** The message of an error about an argument: `caller: "name" expected …, got ….` */
export function describeFlaw(caller: string, name: string, expected: string, got: unknown): string {
  return `${caller}: "${name}" expected ${expected}, got ${show(got)}.`;
}
