/**
 * What an error says about the options of a function. A command line, whose options have other names, writes its line from
 * this instead of the message.
 */
export interface OptionFlaw {
  /** The function. */
  readonly caller: string;
  /** The wrong option, if one is. */
  readonly option?: string;
  /** What was expected, what came and what to do, from the verb on. */
  readonly problem: string;
  /** An option that would help, after the last word of `problem`. */
  readonly remedy?: string | undefined;
}

/** An error with what it says about options. */
export interface OptionError {
  readonly flaw: OptionFlaw;
}

/** Makes an error about options of a function, such as `optionError(RangeError, { … })`. */
export function optionError<E extends Error>(
  make: (message: string) => E,
  flaw: OptionFlaw,
): E & OptionError {
  const error = make(`${flaw.caller}: ${flawText(flaw)}`);
  return Object.defineProperty(error, 'flaw', { value: flaw }) as E & OptionError;
}

/** The text of a flaw. @param spelt - how an option is written. */
export function flawText(
  { option, problem, remedy }: OptionFlaw,
  spelt: (option: string) => string = (name) => `"${name}"`,
): string {
  const [start, end] = [option, remedy].map((name) => (name === undefined ? '' : spelt(name)));
  return `${start && `${start} `}${problem}${end && ` (${end}).`}`;
}

/** What a caller asks for is wrong: a command line then exits with 2, and points to its help. */
export class UsageError extends RangeError {
  override readonly name = 'UsageError';
}
