import type { DatabaseError } from 'pg';

/** Classes and codes of PostgreSQL's errors after which the same statement may succeed (manual, appendix A). */
const transient = /^(08...|57P0[1-3]|53300|40001|40P01)$/;

/** Whether an error is of the connection, not of the statement. Errors without a severity come from the network. */
export function isLoss(thrown: unknown): boolean {
  return !isAnswer(thrown) || transient.test(thrown.code ?? '');
}

function isAnswer(thrown: unknown): thrown is DatabaseError {
  return thrown instanceof Error && 'severity' in thrown;
}

/** @returns an error of pg for users: the first of several, and a clearer one for a missing password. */
export function clearError(thrown: unknown): unknown {
  // A host name with several addresses gives one error per address.
  const error: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  if (!(error instanceof Error && /client password must be a/.test(error.message))) return error;
  return new Error('a server that asks for a password, but none in the URL, PGPASSWORD or ~/.pgpass');
}

/** @returns the first line of an error's message. */
export function reasonOf(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return text.split('\n', 1)[0] ?? '';
}
