import type { ItemIdTable } from '@gru4rec/item-ids';
import type { ItemRow } from './item-info.ts';
import { itemsError } from './read-item-rows.ts';

/** Rows of a file, and its name for errors. */
export interface RowSource {
  readonly path: string;
  readonly rows: AsyncIterable<ItemRow>;
}

/** How many rows were kept, and how many were left out because their item is not known. */
export interface LineCounts {
  readonly items: number;
  readonly unknown: number;
}

const CHUNK_LINES = 1000;

/**
 * The content of `item-info.jsonl`: one line per known item that has a row, in order of the sources. An item in two sources has
 * the row of the first. Memory holds one bit per known item, not the rows.
 *
 * @param onEnd - called after the last line.
 * @param without - columns to leave out.
 * @throws Error naming the file in which an item occurs twice, or the first that cannot be read.
 */
export async function* itemInfoLines(
  sources: readonly RowSource[],
  itemIds: ItemIdTable,
  onEnd?: (counts: LineCounts) => void,
  without: readonly string[] = [],
): AsyncGenerator<Uint8Array> {
  /** Number of the source, from 1, that has the row of an item. */
  const sourceOf = new Uint8Array(itemIds.length);
  let [items, unknown] = [0, 0];
  for (const [at, { path, rows }] of sources.entries()) {
    const number = at + 1;
    let lines: string[] = [];
    for await (const row of rows) {
      const index = itemIds.indexOf(row.id);
      if (index < 0) unknown++;
      else if (sourceOf[index] === number) throw itemsError(path, repeated(row));
      else if (sourceOf[index] === 0) {
        sourceOf[index] = number;
        items++;
        if (lines.push(lineOf(row, without)) === CHUNK_LINES) {
          yield Buffer.from(lines.join(''));
          lines = [];
        }
      }
    }
    yield Buffer.from(lines.join(''));
  }
  onEnd?.({ items, unknown });
}

/** The error for a second row of an item. */
export function repeated({ id, line }: Pick<ItemRow, 'id' | 'line'>): Error {
  return new Error(`line ${line}: the item ${JSON.stringify(id)} occurs twice`);
}

/** Empty cells and nulls are left out. */
function lineOf({ id, info }: ItemRow, without: readonly string[]): string {
  const { available, ...others } = info.fields;
  const given = Object.entries(others).filter(
    ([name, value]) => value !== '' && value !== null && !without.includes(name),
  );
  const { title, group } = info;
  const isGiven = available !== undefined && available !== null && available !== '';
  return `${JSON.stringify({
    id,
    ...Object.fromEntries(given),
    ...(title === undefined ? {} : { title }),
    ...(group === undefined ? {} : { group }),
    ...(isGiven ? { available: info.available } : {}),
  })}\n`;
}
