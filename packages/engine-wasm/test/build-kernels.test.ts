import { execFile } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../scripts/build-kernels.mjs', import.meta.url));
const folder = new URL('../wasm/', import.meta.url);
const run = promisify(execFile);

describe('build-kernels', () => {
  it('prints nothing and does not rebuild kernels that are up to date', async () => {
    const before = statSync(new URL('kernels.wasm', folder)).mtimeMs;
    const { stdout, stderr } = await run(process.execPath, [script]);
    expect([stdout, stderr]).toEqual(['', '']);
    expect(statSync(new URL('kernels.wasm', folder)).mtimeMs).toBe(before);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
