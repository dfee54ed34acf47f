import { whole } from './figures.ts';
import type { Example, Examples } from './report.ts';
import { oneLine } from './text.ts';

/** Most characters of an item that are shown. */
const ITEM_CHARACTERS = 40;

/** Says what the table of examples shows. */
export function examplesNote({ first, second }: Examples): string {
  return `Predictions on which ${oneLine(first)} and ${oneLine(second)} differ most, and the rank that each gives to the next item.`;
}

/** Heads of the table of examples. */
export function exampleHeads({ first, second }: Examples): string[] {
  return ['clicks', 'next', `rank by ${oneLine(first)}`, `rank by ${oneLine(second)}`];
}

/** The cells of an example, in the order of `exampleHeads`. */
export function exampleCells({ clicks, earlier, next, ranks }: Example): string[] {
  const listed = clicks.map(shownItem).join(' → ');
  const before = earlier === 0 ? listed : `… ${whole(earlier)} earlier → ${listed}`;
  return [before, shownItem(next), ...ranks.map((rank) => (rank === null ? 'excluded' : whole(rank)))];
}

function shownItem(item: string): string {
  const characters = [...oneLine(item)];
  if (characters.length <= ITEM_CHARACTERS) return characters.join('');
  return `${characters.slice(0, ITEM_CHARACTERS - 1).join('')}…`;
}
