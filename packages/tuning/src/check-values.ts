import { showJson } from '@gru4rec/checked-json';
import { canonicalJson, type Json } from './json.ts';
import { isPlain, type Parameter, type Space } from './space.ts';
import { alteredStudy } from './storage/kept-study.ts';
import type { TrialRecord } from './trial.ts';

/**
 * Checks that the stored values of trials belong to a space, because samplers and trials use them unchecked.
 *
 * @param place - where the study is stored, for the message.
 * @throws StudyError naming the first value that is missing or not in the space.
 */
export function checkValues(trials: readonly TrialRecord[], space: Space, place: string): void {
  for (const { number, values } of trials) {
    for (const [name, parameter] of Object.entries(space)) {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value !== undefined && isPlain(value) && isValueOf(parameter, value)) continue;
      const path = `trials.${number}.values.${name}`;
      throw alteredStudy({ path, expected: 'a value of the space', got: showJson(value) }, place);
    }
  }
}

function isValueOf(parameter: Parameter, value: Json): boolean {
  const isSame = (other: Json) => canonicalJson(other) === canonicalJson(value);
  if (parameter.type === 'constant') return isSame(parameter.value);
  if (parameter.type === 'choice') return parameter.options.some(isSame);
  const isWithin = typeof value === 'number' && value >= parameter.low && value <= parameter.high;
  return isWithin && (parameter.type !== 'integer' || Number.isInteger(value));
}
