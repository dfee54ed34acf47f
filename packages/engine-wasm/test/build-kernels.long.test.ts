import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../scripts/build-kernels.mjs', import.meta.url));
const built = fileURLToPath(new URL('../wasm/', import.meta.url));
const output = mkdtempSync(join(tmpdir(), 'gru4rec-kernels-'));
afterAll(() => rmSync(output, { recursive: true }));

describe('build-kernels', () => {
  it('compiles the bytes that are in the repository', (ctx) => {
    const { status, stderr } = spawnSync(process.execPath, [script, '--output', output], {
      encoding: 'utf8',
    });
    if (stderr.includes('npm could not fetch')) return ctx.skip('npm could not fetch the compiler');
    expect(status, stderr).toBe(0);
    const files = readdirSync(built).filter((name) => name.endsWith('.wasm'));
    expect(readdirSync(output).sort()).toEqual(files.sort());
    for (const name of files)
      expect(readFileSync(join(output, name)).equals(readFileSync(join(built, name))), name).toBe(true);
  }, 300_000);
});
