import { spawnSync } from 'node:child_process';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import type { SamplingKernels } from '@gru4rec/sampler';
import { describe, expect, it } from 'vitest';
import { testKernels } from '../kernel-tests.ts';
import { testSampling } from './sampling.ts';
import { sanitizedAddon } from './sanitized-addon.ts';

// UndefinedBehaviorSanitizer ends the process at the first error and writes the line to standard error.
const addon = sanitizedAddon('undefined');

if ('missing' in addon) {
  describe('native kernels', () => {
    it('conform without undefined behaviour', (ctx) => ctx.skip(addon.missing));
  });
} else {
  describe('native kernels', () => {
    it('are stopped where an address is not aligned', () => {
      const script = `
        const addon = require(process.argv[1]);
        const [set] = addon.instructionSets;
        const run = addon.bind(set, new Uint8Array(new ArrayBuffer(4097), 1));
        run(0, 0, 1, 0, 1, 0);`;
      const { status, stderr } = spawnSync(process.execPath, ['-e', script, addon.path], {
        encoding: 'utf8',
      });
      expect(status).not.toBe(0);
      expect(stderr).toContain('runtime error: load of misaligned address');
    });
  });

  for (const instructionSet of addon.instructionSets) {
    const native = { path: addon.path, instructionSet };
    const name = `${instructionSet} without undefined behaviour`;
    testSampling(name, createWasmEngine({ native }).sampling as SamplingKernels);
    for (const threads of [1, 3]) {
      testKernels(
        `${name} on ${threads} threads`,
        (options) => createWasmEngine({ native, threads, threadsFrom: 0, ...options }),
        100,
      );
    }
  }
}
