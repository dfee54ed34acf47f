import type { FunnelRow } from '@gru4rec/preprocess';
import Table from 'cli-table3';
import { printable } from './printable.ts';
import { groupDigits } from './progress.ts';

/** Formats the funnel as a plain table, without lines or colours. */
export function funnelTable(funnel: readonly FunnelRow[]): string {
  const table = new Table({
    head: ['split', 'step', 'events', 'sessions', 'items', 'removed events'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [], compact: true, 'padding-left': 0, 'padding-right': 2 },
    chars: {
      top: '',
      'top-mid': '',
      'top-left': '',
      'top-right': '',
      bottom: '',
      'bottom-mid': '',
      'bottom-left': '',
      'bottom-right': '',
      left: '',
      'left-mid': '',
      right: '',
      'right-mid': '',
      mid: '',
      'mid-mid': '',
      middle: '',
    },
  });
  for (const { split, step, events, sessions, items, removedEvents } of funnel) {
    const removed = removedEvents === 0 ? '' : groupDigits(removedEvents);
    const shown = sessions === null ? '–' : groupDigits(sessions);
    table.push([split, printable(step), groupDigits(events), shown, groupDigits(items), removed]);
  }
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}
