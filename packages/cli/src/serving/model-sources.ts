import { basename, resolve } from 'node:path';
import { UsageError } from '@gru4rec/checked-options';
import type { ModelSource } from '@gru4rec/serving';

/**
 * The models that `serve` is given: folders, or `name=folder`. Without a name, a model has that of its folder.
 *
 * @param split - shares of sessions as in `--split`: `a=90,b=10`. Without, all models have equal shares.
 * @throws UsageError if one is empty, two have one name, or the split does not name each of them once.
 */
export function modelSources(
  given: readonly string[],
  directory: string,
  split?: string,
): readonly ModelSource[] {
  if (given.includes('')) throw new UsageError('MODEL expected a string, got an empty one');
  const sources = given.map((text) => {
    const [, name, folder = text] = /^([\w.-]+)=(.+)$/s.exec(text) ?? [];
    const path = resolve(directory, folder);
    return { name: name ?? basename(path), directory: path };
  });
  const names = sources.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) {
    throw new UsageError(`MODEL expected distinct names, got ${twice} twice. Write NAME=FOLDER`);
  }
  if (split === undefined) return sources;
  const weights = parseSplit(split, names);
  return sources.map((source) => ({ ...source, weight: weights.get(source.name) ?? 0 }));
}

function parseSplit(split: string, names: readonly string[]): ReadonlyMap<string, number> {
  const example = names.map((name) => `${name}=50`).join(',');
  const expected = `--split expected a share of the sessions per model, such as ${example}`;
  const weights = new Map<string, number>();
  for (const part of split.split(',')) {
    const [, name = '', share = ''] = /^([^=]+)=(\d+(?:\.\d+)?)$/.exec(part.trim()) ?? [];
    if (name === '') throw new UsageError(`${expected}, got ${JSON.stringify(part)}`);
    if (!names.includes(name)) throw new UsageError(`${expected}, got one of ${name}, which is no model`);
    if (weights.has(name)) throw new UsageError(`${expected}, got two of ${name}`);
    weights.set(name, Number(share));
  }
  const missing = names.find((name) => !weights.has(name));
  if (missing !== undefined) throw new UsageError(`${expected}, got none of ${missing}`);
  if ([...weights.values()].every((weight) => weight === 0))
    throw new UsageError(`${expected}, got 0 for all`);
  return weights;
}
