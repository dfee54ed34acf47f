import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..', '..');

/** Files below the sources of packages and apps that open a DuckDB database. */
function openers(): string[] {
  return ['packages', 'apps'].flatMap((kind) =>
    readdirSync(join(root, kind)).flatMap((name) => {
      const source = join(root, kind, name, 'src');
      if (!existsSync(source)) return [];
      return readdirSync(source, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => join(source, file))
        .filter((file) => readFileSync(file, 'utf8').includes('DuckDBInstance.create('));
    }),
  );
}

it('DuckDB databases are opened without extensions, without access to other files, and with locked settings', () => {
  const files = openers();
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const source = readFileSync(file, 'utf8');
    for (const setting of [
      /autoinstall_known_extensions: 'false'/,
      /autoload_known_extensions: 'false'/,
      /allow_community_extensions: 'false'/,
      /enable_external_access(: 'false'| = false)/,
      /lock_configuration(: 'true'| = true)/,
    ]) {
      expect(source, file).toMatch(setting);
    }
  }
});
