import { show } from '@gru4rec/checked-options';
import type { Given, OriginalCode } from './given.ts';
import { OriginalFormatError } from './original-format-error.ts';

/** Input of every part of the mapping, and the notes that it adds to. */
export interface Mapping {
  readonly given: Given;
  readonly code: OriginalCode;
  /** One line per parameter that was dropped, was assumed or has a slightly different effect. */
  readonly notes: string[];
}

/** Names of the authors' two programs for messages. */
export const codeNames: Readonly<Record<OriginalCode, string>> = {
  pytorch: 'the PyTorch code',
  theano: 'the Theano code',
};

/** @throws OriginalFormatError for a parameter that cannot be mapped, always. */
export function refuse(name: string, expected: string, got: unknown, advice: string): never {
  throw new OriginalFormatError(`toConfig: "${name}" expected ${expected}, got ${show(got)}. ${advice}`);
}
