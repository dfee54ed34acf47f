import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ITEM_INFO_FILE, type ItemRow, readItemRows } from '@gru4rec/item-info';
import { ItemsFile, type ModelSource, type ServerOptions } from '@gru4rec/serving';

/**
 * The items file of the first model that records anything about its items; undefined if none does. A server reads it again
 * when the model is replaced.
 */
export function itemsOfModels(models: readonly ModelSource[]): string | undefined {
  return models.map(({ directory }) => join(directory, ITEM_INFO_FILE)).find(existsSync);
}

/** Opens an items file, if there is one, and a file of the items that are posted, if there are to be any. */
export async function openItems(
  file: string | undefined,
  { posted, idColumn }: { readonly posted?: string | undefined; readonly idColumn?: string | undefined },
): Promise<Pick<ServerOptions, 'items'>> {
  if (file === undefined && posted === undefined) return {};
  const readRows = (path: string) => itemRows(path, idColumn);
  const options = { readRows, ...(posted !== undefined && { posted }) };
  return { items: await ItemsFile.open(file, options) };
}

/** The rows of an items file. Only Parquet needs DuckDB, which takes 80 MB. */
async function* itemRows(path: string, idColumn: string | undefined): AsyncGenerator<ItemRow> {
  const isParquet = /\.parquet$/i.test(path);
  const read = isParquet ? (await import('@gru4rec/preprocess')).itemRowsIn : readItemRows;
  yield* read(path, idColumn);
}
