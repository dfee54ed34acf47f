import { basename, resolve } from 'node:path';
import { UsageError } from '@gru4rec/checked-options';
import type { ModelSource } from '@gru4rec/serving';

/**
 * The models that `serve` is given: folders, `name=folder`, or `name:90=folder` with its share of the sessions. Without a
 * name, a model has that of its folder; without shares, all have equal ones.
 *
 * @throws UsageError if one is empty, two have one name, or only some have a share.
 */
export function modelSources(given: readonly string[], directory: string): readonly ModelSource[] {
  if (given.includes('')) throw new UsageError('MODEL expected a string, got an empty one');
  const sources = given.map((text) => {
    const [, name, share, folder = text] = /^([\w.-]+)(?::(\d+(?:\.\d+)?))?=(.+)$/s.exec(text) ?? [];
    const path = resolve(directory, folder);
    const weight = share === undefined ? {} : { weight: Number(share) };
    return { name: name ?? basename(path), directory: path, ...weight };
  });
  const names = sources.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    throw new UsageError(`MODEL expected distinct names, got ${twice} twice. Write NAME=FOLDER`);
  }
  const weights = sources.flatMap(({ weight }) => weight ?? []);
  const example = `such as ${names.map((name) => `${name}:50=FOLDER`).join(' ')}`;
  if (weights.length > 0 && weights.length < sources.length) {
    throw new UsageError(`MODEL expected a share of the sessions for each or for none, ${example}`);
  }
  if (weights.length > 0 && weights.every((weight) => weight === 0)) {
    throw new UsageError(`MODEL expected a share above 0, ${example}, got 0 for all`);
  }
  return sources;
}
