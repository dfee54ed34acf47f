import type { Given, OriginalCode } from './given.ts';
import { OriginalFormatError, show } from './original-format-error.ts';

/** What the parts of the mapping work on. */
export interface Mapping {
  readonly given: Given;
  readonly code: OriginalCode;
  /** Lines for the reader: what was dropped, assumed or is not quite the same. */
  readonly notes: string[];
}

/** The authors' two programs in words. */
export const codeNames: Readonly<Record<OriginalCode, string>> = {
  pytorch: 'the PyTorch code',
  theano: 'the Theano code',
};

/** Throws the error of a parameter that does not map. */
export function refuse(name: string, expected: string, got: unknown, advice: string): never {
  throw new OriginalFormatError(`toConfig: "${name}" expected ${expected}, got ${show(got)}. ${advice}`);
}
