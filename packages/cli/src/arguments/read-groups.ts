import { isUtf8 } from 'node:buffer';
import { shorten, show } from '@gru4rec/checked-options';
import { parse } from 'csv-parse/sync';
import { readBounded } from './read-bounded.ts';

/** Enough for ten million items of 24 characters. */
const MAX_GROUPS_BYTES = 256 << 20;

const ITEM_COLUMN = /^(item|id|item_?id)$/i;

/**
 * Reads the group of each item: CSV in UTF-8, or TSV if the first line has a tab, with a header and the columns item and
 * group. An item with an empty group has none.
 *
 * @throws Error naming the file and, if known, the line.
 */
export async function readGroups(file: string): Promise<ReadonlyMap<string, string>> {
  const [header, ...rows] = await readRows(file);
  if (header?.length !== 2) {
    throw new Error(
      `The groups ${file} expected a header and two columns, got ${header?.length ?? 0} columns`,
    );
  }
  if (!ITEM_COLUMN.test(header[0] ?? '')) {
    throw new Error(
      `The groups ${file} expected a header with the columns item and group, got ${show(header.join(','))}`,
    );
  }
  const groups = new Map<string, string>();
  for (const [itemId = '', group = ''] of rows) {
    const known = groups.get(itemId);
    if (known !== undefined && known !== group) {
      throw new Error(
        `The groups ${file} put item ${show(itemId)} into ${shorten(known)} and ${shorten(group)}`,
      );
    }
    if (group !== '') groups.set(itemId, group);
  }
  return groups;
}

async function readRows(file: string): Promise<string[][]> {
  try {
    const bytes = await readBounded(file, MAX_GROUPS_BYTES);
    if (!isUtf8(bytes)) throw new Error('expected UTF-8, got invalid bytes');
    const text = bytes.toString('utf8');
    const delimiter = text.split('\n', 1)[0]?.includes('\t') ? '\t' : ',';
    return parse(text, { bom: true, delimiter, skip_empty_lines: true });
  } catch (cause) {
    throw new Error(`The groups ${file} cannot be read`, { cause });
  }
}
