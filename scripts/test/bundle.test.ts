import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../../packages/test-support/src/folder.ts';
import { bundleTrainer } from '../lib/bundle.mjs';
import { repositoryRoot } from '../lib/repository.mjs';

const folder = testFolder();
const source = 'packages/cli/src';
const cache = 'node_modules/.cache/gru4rec-trainer';
const entries = [
  'tuning/trial-main.ts',
  '../../comparison/src/slice-thread.ts',
  'engines/inference-thread.ts',
];

/** A checkout of files of the command line, with the entries of the trainer. */
function makeCheckout(name: string, files: Record<string, string>): string {
  const root = join(folder, name);
  for (const entry of entries) write(root, entry, 'export {};');
  for (const [path, text] of Object.entries(files)) write(root, path, text);
  write(root, '../../../apps/trainer/src/main.ts', "import '../../../packages/cli/src/main.ts';");
  write(root, '../../../scripts/lib/bundle.mjs', '');
  return root;
}

function write(root: string, name: string, text: string): void {
  const path = join(root, source, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

async function runBundle(root: string, stamp = 'stamp'): Promise<string> {
  return execFileSync(process.execPath, [await bundleTrainer(root, stamp)], { encoding: 'utf8' }).trim();
}

describe('bundleTrainer', () => {
  it('bundles plain JavaScript, which loads modules on use and finds files beside sources and child processes', async () => {
    const root = makeCheckout('whole', {
      'main.ts': `const { said }: { said: string } = await import('./lazy.ts');
        console.log(said, new URL('../package.json', import.meta.url).href);
        await import('./tuning/start.ts');`,
      'lazy.ts': "export const said = 'loaded';",
      'tuning/start.ts': "console.log(new URL('./trial-main.js', import.meta.url).href);",
    });
    expect((await runBundle(root)).split(/\s/)).toEqual([
      'loaded',
      pathToFileURL(join(root, 'packages/cli/package.json')).href,
      pathToFileURL(join(root, cache, 'trial-main.js')).href,
    ]);
    const names = readdirSync(join(root, cache));
    expect(names.filter((name) => name.startsWith('lazy-'))).toHaveLength(1);
    expect(names).toContain('trial-main.js');
  });

  it('is rebuilt when the installation or a source has changed, or its record is damaged', async () => {
    const root = makeCheckout('changing', {
      'main.ts': "import { said } from 'one-package'; console.log(said);",
      '../node_modules/one-package/package.json': '{"type":"module","exports":"./index.js"}',
      '../node_modules/one-package/index.js': "export const said = 'first';",
      '../node_modules/one-package/other.js': "export const said = 'other';",
    });
    expect(await runBundle(root)).toBe('first');
    write(root, '../node_modules/one-package/package.json', '{"type":"module","exports":"./other.js"}');
    expect(await runBundle(root)).toBe('first');
    expect(await runBundle(root, 'another')).toBe('other');
    write(root, 'main.ts', "console.log('again');");
    utimesSync(join(root, source, 'main.ts'), 1, 1);
    expect(await runBundle(root, 'another')).toBe('again');
    writeFileSync(join(root, cache, 'bundle.json'), '{"stamp":');
    expect(await runBundle(root, 'another')).toBe('again');
  });

  it('can be made by several processes at the same time', async () => {
    const root = makeCheckout('shared', { 'main.ts': "console.log('once');" });
    const module = JSON.stringify(pathToFileURL(join(repositoryRoot, 'scripts/lib/bundle.mjs')));
    const text = `import(${module}).then((m) => m.bundleTrainer(${JSON.stringify(root)}, 'stamp')).then((path) => import(path))`;
    const run = () => promisify(execFile)(process.execPath, ['-e', text]);
    const [first, second] = await Promise.all([run(), run()]);
    expect([first.stdout, second.stdout]).toEqual(['once\n', 'once\n']);
    expect(readdirSync(join(root, cache)).join()).not.toContain('.tmp');
  });
});
