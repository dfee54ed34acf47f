import { show } from '@gru4rec/checked-options';
import { isPlain, isValueOf, type Space } from './space.ts';
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
      throw alteredStudy({ path, expected: 'a value of the space', got: show(value) }, place);
    }
  }
}
