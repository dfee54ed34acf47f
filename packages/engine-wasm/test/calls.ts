import type { Buffer, Call } from '../src/kernel-call.ts';

/** A buffer without a place yet. */
export const buffer = (bytes = 64, persistent = false): Buffer => ({ bytes, persistent, address: 0 });

/** A call that reads some buffers as a whole and others by rows, and writes one by rows; its word names it. */
export function call(
  name: number,
  { whole = [], byRows = [] }: { readonly whole?: readonly Buffer[]; readonly byRows?: readonly Buffer[] },
  write: Buffer,
  more: Partial<Call> = {},
): Call {
  const touches = [
    ...whole.map((b) => ({ buffer: b, by: 'all', write: false }) as const),
    ...byRows.map((b) => ({ buffer: b, by: 'rows', write: false }) as const),
    { buffer: write, by: 'rows', write: true } as const,
  ];
  return { kernel: 'UNARY', words: [name], touches, runs: 'first', ...more };
}
