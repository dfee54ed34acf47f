import { resolve } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** A text or path in a statement. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** Opens DuckDB in memory, which can read and write only in the given folders, and closes it after `use`. */
export async function withConfinedDuckDb<T>(
  folders: readonly string[],
  use: (connection: DuckDBConnection) => Promise<T>,
  options: Readonly<Record<string, string>> = {},
): Promise<T> {
  const instance = await DuckDBInstance.create(':memory:', {
    ...options,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  const connection = await instance.connect();
  try {
    const allowed = folders.map((folder) => quoted(resolve(folder))).join(', ');
    await connection.run(`
      SET allowed_directories = [${allowed}];
      SET enable_external_access = false; SET lock_configuration = true`);
    return await use(connection);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
