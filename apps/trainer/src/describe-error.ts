/**
 * One line for an error: its message, then those of its causes, without stack.
 * A cause whose text is already in the line is left out.
 */
export function describeError(error: unknown): string {
  let line = messageOf(error);
  for (let cause = causeOf(error); cause !== undefined; cause = causeOf(cause)) {
    const message = messageOf(cause);
    if (!line.includes(message)) line = `${line.replace(/\.$/, '')}: ${message}`;
  }
  return line;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.trim().replace(/\s*\n\s*/g, ' ');
}
