import { flawText, type OptionError } from '@gru4rec/checks';

const noMemory = /Array buffer allocation failed|could not allocate memory|ENOMEM|Cannot allocate memory/;

/** The most characters of a message, which may name what a file of megabytes has. */
const MOST_CHARACTERS = 4000;

/** With the messages of its causes that are not in the line already; with advice for lack of memory. */
export function describeError(error: unknown): string {
  const line = lineOf(error);
  if (!noMemory.test(line)) {
    if (error instanceof UnexpectedError) return `Unexpected error ${line}. ${REPORT}`;
    return isUnexpected(error) ? `Unexpected error: ${nameOf(error)}${line}. ${REPORT}` : line;
  }
  return `Too little memory: ${line}. Give the process more, or use smaller layers, fewer items or fewer threads`;
}

/** Options of `prepare` whose name on the command line is another one. */
const otherNames: Readonly<Record<string, string>> = {
  inputs: 'input',
  directory: 'output',
  sessionGapMs: 'session-gap',
  keepMs: 'keep',
  sessionColumn: 'columns session',
  itemColumn: 'columns item',
  timeColumn: 'columns time',
  userColumn: 'columns user',
  eventColumn: 'columns type',
  contextColumns: 'columns context',
  eventsField: 'columns events',
  testInputs: 'test',
  testDays: 'test',
  testFrom: 'test',
  testFraction: 'test',
  validationDays: 'validation',
  validationFrom: 'validation',
  validationFraction: 'validation',
  minSessionLength: 'session-length',
  maxSessionLength: 'session-length',
};

export function flagOf(name: string): string {
  return `--${otherNames[name] ?? name.replace(/\.|(?=[A-Z])/g, '-').toLowerCase()}`;
}

const spellings: Readonly<Record<string, (option: string) => string>> = {
  prepare: flagOf,
  append: flagOf,
  writeDataset: flagOf,
  Learner: (option) => `--learner ${option}`,
  openStudyDatabase: () => '--storage',
};

export function isAboutOption(error: unknown): error is Error & OptionError {
  return (
    error instanceof Error && Object.hasOwn(spellings, (error as Partial<OptionError>).flaw?.caller ?? '')
  );
}

const REPORT = 'This is a mistake in this program: please report it, with what GRU4REC_DEBUG=1 adds';

function nameOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? `${error.name}: ` : '';
}

function lineOf(error: unknown): string {
  let line = messageOf(error);
  for (let cause = causeOf(error); cause !== undefined; cause = causeOf(cause)) {
    const name = error instanceof UnexpectedError ? nameOf(cause) : '';
    const message = `${name}${messageOf(cause)}`;
    if (!line.includes(firstLineOf(cause))) line = `${line.replace(/\.$/, '')}: ${message}`;
  }
  return line;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function messageOf(error: unknown): string {
  return textOf(error).replace(/\s*\n\s*/g, ' ');
}

function firstLineOf(error: unknown): string {
  return textOf(error).split('\n', 1)[0] ?? '';
}

function textOf(error: unknown): string {
  if (isAboutOption(error)) return flawText(error.flaw, spellings[error.flaw.caller]);
  const text = error instanceof Error ? error.message || error.name : String(error);
  return (text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text).trim();
}

const native = [
  'TypeError',
  'RangeError',
  'ReferenceError',
  'SyntaxError',
  'EvalError',
  'URIError',
  'InternalError',
];

/** Errors of our code have their own classes, or a message that says what was expected. */
export function isUnexpected(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  return native.includes(error.name) && !/\bexpected\b|^\w+: /.test(error.message);
}

class UnexpectedError extends Error {
  override readonly name = 'UnexpectedError';
}

/** Reads a file or folder, and adds its path to an unexpected error. */
export async function reading<T>(place: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (!isUnexpected(cause)) throw cause;
    throw new UnexpectedError(`while reading ${place}`, { cause });
  }
}
