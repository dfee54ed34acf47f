import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { kernelTable, OP_WORDS } from '../../src/kernel-table.ts';
import { type SanitizedAddon, sanitizedAddon } from './sanitized-addon.ts';

const kernelNames = Object.keys(kernelTable.kernels);

const addon = sanitizedAddon('address');
const folder = mkdtempSync(join(tmpdir(), 'gru4rec-sanitized-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Sanitized = Exclude<SanitizedAddon, { missing: string }>;

function sanitizedOr(ctx: TestContext): Sanitized {
  return 'missing' in addon ? ctx.skip(addon.missing) : addon;
}

/** Runs Node with AddressSanitizer, which leaves SIGSEGV to WebAssembly. */
function runNode({ path, library }: Sanitized, args: readonly string[]) {
  const env = {
    ...process.env,
    LD_PRELOAD: library,
    ASAN_OPTIONS: 'detect_leaks=0:handle_segv=0:allow_user_segv_handler=1',
    GUARDED_ADDON: path,
    GUARDED_CALLS: folder,
    GUARDED_BARRIER: String(kernelNames.indexOf('BARRIER')),
    GUARDED_OP_BYTES: String(4 * OP_WORDS),
  };
  return spawnSync(process.execPath, args, { env, encoding: 'utf8', maxBuffer: 2 ** 26 });
}

/** Sums a row of three columns whose place is forbidden from byte `allowed` on. */
function sumColumns(set: string, allowed: number): string {
  return `
    const addon = require(process.env.GUARDED_ADDON);
    const memory = new Uint8Array(8192);
    const run = addon.bind('${set}', memory);
    new Int32Array(memory.buffer).set([${kernelNames.indexOf('SUM_COLS')}, 0, 4096, 16, 1, 3, 2048]);
    addon.guard(memory, Int32Array.of(0, 28, 2048, 4, 4096, ${allowed}));
    run(0, 0, 1, 0, 1, 0);`;
}

/** Draws or merges 64 samples of 64 items, with one array forbidden from byte `allowed` on. */
function sample(set: string, call: string, forbidden: string, allowed: number): string {
  return `
    const addon = require(process.env.GUARDED_ADDON);
    const { draw, merge } = addon.sampling('${set}');
    const [alias, out, place, items] = Array.from({ length: 4 }, () => new Int32Array(64));
    const [words, threshold, counts] = [new Uint32Array(5), new Uint32Array(64), new Float32Array(64)];
    out.set([...out.keys()]);
    addon.guard(new Uint8Array(${forbidden}.buffer), Int32Array.of(0, ${allowed}));
    ${call};`;
}

const samplingCalls = [
  { call: 'draw(words, threshold, alias, out)', reached: ['threshold', 'alias', 'out'] },
  { call: 'merge(out, place, items, counts)', reached: ['out', 'place', 'items', 'counts'] },
];

describe('native kernels', () => {
  it('are stopped where they read a lane behind a buffer', (ctx) => {
    const sanitized = sanitizedOr(ctx);
    for (const set of sanitized.instructionSets) {
      expect(runNode(sanitized, ['-e', sumColumns(set, 12)])).toMatchObject({ status: 0, stderr: '' });
      const { status, stderr } = runNode(sanitized, ['-e', sumColumns(set, 8)]);
      expect(status).not.toBe(0);
      expect(stderr).toMatch(/AddressSanitizer: use-after-poison[\s\S]*SUM_COLS/);
    }
  });

  it.for(samplingCalls)(
    'are stopped where $call accesses what is behind an array',
    ({ call, reached }, ctx) => {
      const sanitized = sanitizedOr(ctx);
      for (const set of sanitized.instructionSets) {
        for (const array of reached) {
          expect(runNode(sanitized, ['-e', sample(set, call, array, 256)])).toMatchObject({
            status: 0,
            stderr: '',
          });
          const { status, stderr } = runNode(sanitized, ['-e', sample(set, call, array, 4)]);
          expect(status).not.toBe(0);
          expect(stderr).toMatch(/AddressSanitizer: use-after-poison/);
        }
      }
    },
  );

  it('access nothing but the buffers that their calls state', (ctx) => {
    const sanitized = sanitizedOr(ctx);
    const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs');
    const config = fileURLToPath(new URL('address-sanitizer/vitest.config.ts', import.meta.url));
    const { status, stdout, stderr } = runNode(sanitized, [vitest, 'run', '--config', config]);
    expect(status, `${stdout}${stderr}`).toBe(0);
    const { memories } = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
    expect(memories).toBeGreaterThan(1000);
  }, 900_000);
});
