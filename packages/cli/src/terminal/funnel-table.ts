import type { FunnelRow } from '@gru4rec/preprocess';
import { plainLines } from '@gru4rec/report/table';
import { printable } from './printable.ts';
import { groupDigits } from './progress.ts';

/** The funnel as lines. */
export function funnelTable(funnel: readonly FunnelRow[]): string {
  const counts = ['events', 'sessions', 'items'].map((head) => ({ head, format: groupDigits }));
  return plainLines({
    columns: [{ head: 'split' }, { head: 'step', align: 'left' }, ...counts, { head: 'removed events' }],
    rows: funnel.map(({ split, step, events, sessions, items, removedEvents }) => [
      ...[split, printable(step), events, sessions ?? '–', items],
      removedEvents === 0 ? '' : groupDigits(removedEvents),
    ]),
  });
}
