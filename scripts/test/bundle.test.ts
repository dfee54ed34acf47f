import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bundleTrainer } from '../lib/bundle.mjs';
import { repositoryRoot } from '../lib/repository.mjs';

const source = 'packages/cli/src';

/** A checkout of a number of files, with the entries of the trainer. */
function makeCheckout(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'gru4rec-bundle-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const entries = Object.fromEntries(
    ['tuning/trial-main.ts', '../../comparison/src/slice-thread.ts', 'engines/inference-thread.ts'].map(
      (name) => [name, 'export {};'],
    ),
  );
  for (const [name, text] of Object.entries({ ...entries, ...files })) write(root, name, text);
  write(root, '../../../apps/trainer/src/main.ts', "import '../../../packages/cli/src/main.ts';");
  write(root, '../../../scripts/lib/bundle.mjs', '');
  return root;
}

function write(root: string, name: string, text: string): void {
  const path = join(root, source, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** What the trainer of a checkout prints. */
async function runBundle(root: string, stamp = 'stamp'): Promise<string> {
  return execFileSync(process.execPath, [await bundleTrainer(root, stamp)], { encoding: 'utf8' }).trim();
}

describe('bundleTrainer', () => {
  it('bundles the trainer as plain JavaScript, which loads modules on use', async () => {
    const root = makeCheckout({
      'main.ts': "const { said }: { said: string } = await import('./lazy.ts'); console.log(said);",
      'lazy.ts': "export const said = 'loaded';",
    });
    expect(await runBundle(root)).toBe('loaded');
    const names = readdirSync(join(root, 'node_modules/.cache/gru4rec-trainer'));
    expect(names.filter((name) => name.startsWith('lazy-'))).toHaveLength(1);
    expect(names).toContain('trial-main.js');
  });

  it('is rebuilt when a source has changed', async () => {
    const root = makeCheckout({ 'main.ts': "console.log('first');" });
    expect(await runBundle(root)).toBe('first');
    write(root, 'main.ts', "console.log('again');");
    utimesSync(join(root, source, 'main.ts'), 1, 1);
    expect(await runBundle(root)).toBe('again');
  });

  it('is rebuilt when its record is damaged', async () => {
    const root = makeCheckout({ 'main.ts': "console.log('made');" });
    await bundleTrainer(root, 'stamp');
    writeFileSync(join(root, 'node_modules/.cache/gru4rec-trainer/bundle.json'), '{"stamp":');
    expect(await runBundle(root)).toBe('made');
  });

  it('is rebuilt when the installation has changed', async () => {
    const root = makeCheckout({
      'main.ts': "import { said } from 'one-package'; console.log(said);",
      '../node_modules/one-package/package.json': '{"type":"module","exports":"./index.js"}',
      '../node_modules/one-package/index.js': "export const said = 'first';",
      '../node_modules/one-package/other.js': "export const said = 'other';",
    });
    expect(await runBundle(root)).toBe('first');
    write(root, '../node_modules/one-package/package.json', '{"type":"module","exports":"./other.js"}');
    expect(await runBundle(root)).toBe('first');
    expect(await runBundle(root, 'another')).toBe('other');
  });

  it('finds files beside a source where they are', async () => {
    const root = makeCheckout({
      'main.ts': "console.log(new URL('../package.json', import.meta.url).href);",
    });
    expect(await runBundle(root)).toBe(pathToFileURL(join(root, 'packages/cli/package.json')).href);
  });

  it('also starts its child processes as JavaScript', async () => {
    const root = makeCheckout({
      'main.ts': "import './tuning/start.ts';",
      'tuning/start.ts': "console.log(new URL('./trial-main.js', import.meta.url).pathname);",
    });
    expect(await runBundle(root)).toBe(join(root, 'node_modules/.cache/gru4rec-trainer/trial-main.js'));
  });

  it('can be made by several processes at the same time', async () => {
    const root = makeCheckout({ 'main.ts': "console.log('once');" });
    const module = JSON.stringify(pathToFileURL(join(repositoryRoot, 'scripts/lib/bundle.mjs')));
    const text = `import(${module}).then((m) => m.bundleTrainer(${JSON.stringify(root)}, 'stamp')).then((path) => import(path))`;
    const run = () => promisify(execFile)(process.execPath, ['-e', text]);
    const [first, second] = await Promise.all([run(), run()]);
    expect([first.stdout, second.stdout]).toEqual(['once\n', 'once\n']);
    expect(readdirSync(join(root, 'node_modules/.cache/gru4rec-trainer')).join()).not.toContain('.tmp');
  });
});
