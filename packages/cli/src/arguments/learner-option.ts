import { didYouMean, UsageError } from '@gru4rec/checked-options';
import type { LearnerOptions } from '@gru4rec/model';
import { parsedTexts } from './options.ts';

/** Settings of a learner that have numbers as values; `everyMs` is for serve. */
export interface LearnerSettings extends Omit<LearnerOptions, 'engine' | 'counts' | 'state'> {
  /** How often what was learnt is served. */
  readonly everyMs?: number;
}

/** Allowed settings. Ranges are checked by the learner. */
const names = [
  'learningRate',
  'batchSize',
  'replays',
  'replayPairs',
  'maxWaitMs',
  'halfLifeMs',
  'maxSessions',
  'sessionPairs',
  'sessionItem',
  'itemShare',
  'newItems',
  'everyMs',
] as const satisfies readonly (keyof LearnerSettings)[];

/** `--learner`. */
export const learnerOption = parsedTexts(
  `key=value …: how the learner learns (${names.join(', ')})`,
  (given): LearnerSettings => Object.fromEntries(given.map(parseSetting)),
);

function parseSetting(text: string): [name: string, value: number] {
  const [, name = '', number = ''] = /^(\w+)=(.*)$/.exec(text) ?? [];
  const value = number === '' ? Number.NaN : Number(number);
  if (Number.isFinite(value) && (names as readonly string[]).includes(name)) return [name, value];
  const question = didYouMean([name], names);
  throw new UsageError(
    `${question}--learner expected key=value with a number and a key of ${names.join(', ')}, got ${JSON.stringify(text)}`,
  );
}
