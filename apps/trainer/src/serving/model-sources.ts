import { basename, resolve } from 'node:path';
import type { ModelSource } from '@gru4rec/serving';
import { UsageError } from '../arguments/usage-error.ts';

/**
 * The models of `--model`: folders, or `name=folder`. Without a name, a model has that of its folder.
 * @throws UsageError if none is given, or two have one name.
 */
export function modelSources(given: readonly string[], directory: string): readonly ModelSource[] {
  if (given.length === 0) {
    throw new UsageError('Expected the folder of a model, as an argument or as --model, got none');
  }
  const sources = given.map((text) => {
    const [, name, folder = text] = /^([\w.-]+)=(.+)$/s.exec(text) ?? [];
    const path = resolve(directory, folder);
    return { name: name ?? basename(path), directory: path };
  });
  const names = sources.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice === undefined) return sources;
  throw new UsageError(`--model expected distinct names, got ${twice} twice. Write --model NAME=FOLDER`);
}
