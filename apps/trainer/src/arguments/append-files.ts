import type { AppendReport, PrepareOptions, PrepareReport } from '@gru4rec/preprocess';
import { count } from '../terminal/progress.ts';
import { UsageError } from './usage-error.ts';

/** The options that `--append` goes with; all others shape sessions, and those of the dataset hold. */
const allowed: readonly (keyof PrepareOptions)[] = [
  ...([
    'inputs',
    'output',
    'format',
    'onBadRow',
    'memoryLimit',
    'threads',
    'maxUnpackedBytes',
    'onProgress',
    'onAbsentTypes',
  ] as const),
];

/**
 * Refuses options that would make new sessions unlike those of the dataset.
 *
 * @param flagOf - an option as the command line spells it.
 * @throws UsageError naming the first of them.
 */
export function checkAppendable(options: PrepareOptions, flagOf: (name: string) => string): void {
  const other = Object.entries(options).find(
    ([name, value]) => value !== undefined && !(allowed as readonly string[]).includes(name),
  );
  if (other === undefined) return;
  const flag = flagOf(other[0]);
  throw new UsageError(
    `--append expected no ${flag} beside it: new sessions are made as those of the dataset were. Leave out ${flag}`,
  );
}

/** The report of `prepare` or of `append`. */
export type MaybeAppended = PrepareReport & Partial<Pick<AppendReport, 'added' | 'heldOut'>>;

/** What was added, and what should be known of the splits that were left as they were; nothing if none was added. */
export function describeAppended({ added, heldOut = [] }: MaybeAppended): string {
  if (added === undefined) return '';
  const { sessions, events, items } = added;
  const lines = heldOut.map(
    ({ name, isOlder }) =>
      `${name} stays as it was${isOlder ? ', older now than new training sessions' : ''}`,
  );
  const first = `added ${count(sessions, 'session')} of ${count(events, 'event')}, ${count(items, 'new item')}`;
  return [first, ...lines, ''].join('\n');
}
