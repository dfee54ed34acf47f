import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/** The static imports of a script and of the files that it imports. */
function staticImports(file: URL, found = new Map<string, string[]>()): Map<string, string[]> {
  if (found.has(file.href)) return found;
  const text = readFileSync(file, 'utf8');
  const names = [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)';|^import '([^']+)';/gm)].map(
    ([, from, bare]) => from ?? bare ?? '',
  );
  found.set(file.href, names);
  for (const name of names) if (name.startsWith('.')) staticImports(new URL(name, file), found);
  return found;
}

describe('scripts that install', () => {
  it.each(['start.mjs', 'test.mjs', 'turbo.mjs', 'pack-all.mjs', '../apps/docs/scripts/build.mjs'])(
    '%s imports no package, because none is installed',
    (name) => {
      const file = new URL(`../${name}`, import.meta.url);
      expect(existsSync(fileURLToPath(file))).toBe(true);
      const imports = staticImports(file);
      const packages = [...imports].flatMap(([from, names]) =>
        names.filter((n) => !/^(node:|\.)/.test(n)).map((n) => `${n} from ${from}`),
      );
      expect(imports.size).toBeGreaterThan(2);
      expect(packages).toEqual([]);
    },
  );

  it('pack-all.mjs installs, because it builds', () => {
    const imports = [...staticImports(new URL('../pack-all.mjs', import.meta.url)).keys()];
    expect(imports.some((path) => path.endsWith('/scripts/lib/set-up.mjs'))).toBe(true);
  });
});
