import type { JsonFlaw } from '@gru4rec/checks/json';

/** A model folder or checkpoint cannot be read or written; one line that names the file. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly file: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file} ${problem}`, options);
    this.file = file;
  }
}

export function flawError(file: string, { path, expected, got }: JsonFlaw, verb = 'train'): ModelError {
  return new ModelError(file, `"${path}" expected ${expected}, got ${got}. Copy or ${verb} it again`);
}

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A size such as `1.5 GiB`; TiB is the largest unit. */
export function inWords(bytes: number): string {
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(bytes) / 10)));
  const amount = bytes / 2 ** (10 * power);
  return `${amount.toLocaleString('en-US', { maximumFractionDigits: power === 0 ? 0 : 1 })} ${units[power]}`;
}
