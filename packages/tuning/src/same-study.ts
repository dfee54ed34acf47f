import { canonicalJson, isObject, type Json } from './json.ts';
import type { StudyRecord } from './storage/storage.ts';
import { StudyError } from './study-error.ts';

/**
 * Refuses to continue a study with settings other than those it was started with.
 *
 * @param stored - the settings it was started with.
 * @param given - the settings to continue it with.
 * @param place - where it is stored, for the message.
 * @param another - what the message advises to name for a new study.
 * @throws StudyError naming every setting that differs.
 */
export function checkSameStudy(
  stored: StudyRecord,
  given: StudyRecord,
  place: string,
  another = 'a new file',
): void {
  const [before, now] = [settingsOf(stored), settingsOf(given)];
  const differences = [...new Set([...before.keys(), ...now.keys()])]
    .filter((name) => before.get(name) !== now.get(name))
    .map((name) => `"${name}" expected ${before.get(name) ?? 'nothing'}, got ${now.get(name) ?? 'nothing'}`);
  if (differences.length === 0) return;
  throw new StudyError(
    `runStudy: ${differences.join('; ')}, at ${place}. Continue the study with the settings it was started with, or name ${another}.`,
  );
}

/** The JSON of every setting that a message names separately, by name. */
function settingsOf({ space, pruner, fingerprint, ...rest }: StudyRecord): Map<string, string> {
  const parameters = Object.entries(space).map(([name, parameter]): Leaf => [`space.${name}`, parameter]);
  const others = Object.entries({ ...rest, ...(pruner && { pruner }) });
  const outside = Object.entries(fingerprint).flatMap(([key, value]) => leaves(`fingerprint.${key}`, value));
  const all = [...parameters, ...others.flatMap(([name, value]) => leaves(name, value)), ...outside];
  return new Map(all.map(([name, value]) => [name, canonicalJson(value)]));
}

type Leaf = readonly [name: string, value: Json];

/** The values nested in an object, each with its path. */
function leaves(name: string, value: Json): Leaf[] {
  if (!isObject(value) || Object.keys(value).length === 0) return [[name, value]];
  return Object.entries(value).flatMap(([key, part]) => leaves(`${name}.${key}`, part));
}
