import { show } from '@gru4rec/checked-options';
import { OriginalFormatError } from './original-format-error.ts';
import type { OriginalParameters } from './parameter-value.ts';

/**
 * Reads the argument of `-ps` of the authors' `run.py`, such as `loss=bpr-max,layers=512/256,batch_size=80`.
 *
 * @returns the values as strings, which `toConfig` converts.
 * @throws OriginalFormatError for a part that is not `name=value`, and for a repeated name.
 */
export function parseParameterString(text: string): OriginalParameters {
  const values = new Map<string, string>();
  for (const part of text.split(',')) {
    const [name = '', value, ...rest] = part.split('=').map((piece) => piece.trim());
    if (name === '' || value === undefined || rest.length > 0) {
      throw new OriginalFormatError(
        `parseParameterString: "parameters" expected name=value pairs between commas, got ${show(part)}. ` +
          'Write lists with /, such as layers=512/256.',
      );
    }
    if (values.has(name)) {
      throw new OriginalFormatError(
        `parseParameterString: "${name}" expected one value, got ${show([values.get(name), value])}. Keep one of them.`,
      );
    }
    values.set(name, value);
  }
  return Object.fromEntries(values);
}
