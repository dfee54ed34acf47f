import { canonicalJson, isObject, type Json } from './json.ts';
import type { StudyRecord } from './storage/storage.ts';
import { StudyError } from './study-error.ts';

/**
 * Refuses to go on with a study as another.
 *
 * @param kept - how the study was begun.
 * @param given - what it is to be gone on with.
 * @param place - where it is kept.
 * @param another - what to name for a study of its own.
 * @throws StudyError naming everything that differs.
 */
export function checkSameStudy(
  kept: StudyRecord,
  given: StudyRecord,
  place: string,
  another = 'a new file',
): void {
  const [before, now] = [parts(kept), parts(given)];
  const differences = [...new Set([...before.keys(), ...now.keys()])]
    .filter((name) => before.get(name) !== now.get(name))
    .map((name) => `"${name}" expected ${before.get(name) ?? 'nothing'}, got ${now.get(name) ?? 'nothing'}`);
  if (differences.length === 0) return;
  throw new StudyError(
    `runStudy: ${differences.join('; ')}, at ${place}. Go on with what the study was begun with, or name ${another}.`,
  );
}

/** What a message names apart: the JSON text of each by name. */
function parts({ space, pruner, fingerprint, ...rest }: StudyRecord): Map<string, string> {
  const parameters = Object.entries(space).map(([name, parameter]): Leaf => [`space.${name}`, parameter]);
  const others = Object.entries({ ...rest, ...(pruner && { pruner }) });
  const outside = Object.entries(fingerprint).flatMap(([key, value]) => leaves(`fingerprint.${key}`, value));
  const all = [...parameters, ...others.flatMap(([name, value]) => leaves(name, value)), ...outside];
  return new Map(all.map(([name, value]) => [name, canonicalJson(value)]));
}

type Leaf = readonly [name: string, value: Json];

/** The values within objects, each under its path. */
function leaves(name: string, value: Json): Leaf[] {
  if (!isObject(value) || Object.keys(value).length === 0) return [[name, value]];
  return Object.entries(value).flatMap(([key, part]) => leaves(`${name}.${key}`, part));
}
