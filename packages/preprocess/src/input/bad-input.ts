import { DataError } from '@gru4rec/dataset';

/** @param got - in words. @param advice - sentences at the end. */
export function badInput(
  file: string,
  expected: string,
  got: string,
  { cause, advice = '' }: { readonly cause?: unknown; readonly advice?: string } = {},
): DataError {
  return new DataError(
    `prepare: "input" expected ${expected}, got ${got}, at ${file}.${advice && ` ${advice}`}`,
    {
      file,
      cause,
    },
  );
}
