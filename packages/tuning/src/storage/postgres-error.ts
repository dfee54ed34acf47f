import type { DatabaseError } from 'pg';

/** Classes and codes of PostgreSQL's errors after which the same statement may succeed (manual, appendix A). */
const passing = /^(08...|57P0[1-3]|53300|40001|40P01)$/;

/** Whether an error is of the connection, not of the statement: what has no severity is told by the network. */
export function isLoss(thrown: unknown): boolean {
  return !isAnswer(thrown) || passing.test(thrown.code ?? '');
}

function isAnswer(thrown: unknown): thrown is DatabaseError {
  return thrown instanceof Error && 'severity' in thrown;
}

/** @returns what is to be told of an error of pg: one of several, or another where its text is of no help. */
export function toldError(thrown: unknown): unknown {
  // Of a name with several addresses, one error each.
  const error: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  if (!(error instanceof Error && /client password must be a/.test(error.message))) return error;
  return new Error('a server that asks for a password, and none in the URL, PGPASSWORD or ~/.pgpass');
}

/** @returns one line. */
export function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.split('\n', 1)[0] ?? '';
}
