import type { JsonFlaw } from '@gru4rec/checked-json';

/** A model folder or checkpoint cannot be read or written; one line that names the file. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly file: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file} ${problem}`, options);
    this.file = file;
  }
}

/**
 * The error for a wrong value in a JSON file of a model folder or checkpoint.
 * @param verb - how it is made.
 */
export function flawError(file: string, { path, expected, got }: JsonFlaw, verb = 'train'): ModelError {
  return new ModelError(file, `"${path}" expected ${expected}, got ${got}. Copy or ${verb} it again`);
}
