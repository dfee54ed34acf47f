import { UsageError } from '@gru4rec/checked-options';
import type { AppendReport, PrepareOptions, PrepareReport } from '@gru4rec/preprocess';
import { flagOf } from '../terminal/describe-error.ts';
import { count } from '../terminal/progress.ts';

/** Options allowed with `--append`. All others determine the sessions, for which the dataset's options are used. */
const allowed: readonly (keyof PrepareOptions)[] = [
  ...([
    'inputs',
    'output',
    'items',
    'itemsIdColumn',
    'onBadRow',
    'keepMs',
    'forceKeep',
    'memoryLimit',
    'threads',
    'onProgress',
    'onAbsentTypes',
  ] as const),
];

/**
 * Refuses options that would make new sessions differ from those of the dataset.
 *
 * @throws UsageError naming the first of them.
 */
export function checkAppendable(options: PrepareOptions): void {
  const other = Object.entries(options).find(
    ([name, value]) => value !== undefined && !(allowed as readonly string[]).includes(name),
  );
  if (other === undefined) return;
  const flag = flagOf(other[0]);
  throw new UsageError(
    `--append expected no ${flag} with it: new sessions are made with the options of the dataset. Omit ${flag}`,
  );
}

/** The report of `prepare` or of `append`. */
export type MaybeAppended = PrepareReport & Partial<Pick<AppendReport, 'added' | 'heldOut' | 'removed'>>;

/** Describes what was added, what left, and the other splits; empty without `--append`. */
export function describeAppended({ added, heldOut = [], removed = {}, keptFrom }: MaybeAppended): string {
  if (added === undefined) return '';
  const { sessions, events, items } = added;
  const lines = heldOut.map(({ name, isOlder }) => {
    const what = removed[name] ? 'has no new sessions' : 'is unchanged';
    return `${name} ${what}${isOlder ? ', and older than new training sessions' : ''}`;
  });
  const first = `added ${count(sessions, 'session')} of ${count(events, 'event')}, ${count(items, 'new item')}`;
  const left = Object.entries(removed).map(
    ([name, lost]) =>
      `removed ${count(lost, 'session')} of ${name} that ended before ${new Date(keptFrom ?? 0).toISOString()}`,
  );
  return [first, ...left, ...lines, ''].join('\n');
}
