import { isUnexpected, UnexpectedError } from './unexpected-error.ts';

/** How the system and the runtime say that they have no memory left. */
const noMemory = /Array buffer allocation failed|could not allocate memory|ENOMEM|Cannot allocate memory/;

/**
 * One line for an error: its message, then those of its causes, without stack.
 * A cause whose text, or the first line of it, is already in the line is left out.
 * An error that only says that memory could not be had is told as such, with what can be done.
 */
export function describeError(error: unknown): string {
  const line = lineOf(error);
  if (!noMemory.test(line)) {
    if (error instanceof UnexpectedError) return `Unexpected error ${line}. ${REPORT}`;
    return isUnexpected(error) ? `Unexpected error: ${nameOf(error)}${line}. ${REPORT}` : line;
  }
  return `Too little memory: ${line}. Give the process more, or take smaller layers, fewer items or fewer threads`;
}

/** What to do about an error that nobody foresaw. */
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
  const text = error instanceof Error ? withoutFunction(error.message) || error.name : String(error);
  return text.trim();
}

/** `readDataset: `, `ItemIdTable: ` or `engine-wasm: `; neither a path, nor `ENOENT: `, nor a word such as `Warning: `. */
const functionName = /^(?!configuration: )(?:[a-z]+[\w-]*|[A-Z][a-z]+(?:[A-Z][a-z]+)+): /;

/** The text of a package's error without the function that it begins with, which tells a programmer only. */
export function withoutFunction(message: string): string {
  return message.replace(functionName, '');
}
