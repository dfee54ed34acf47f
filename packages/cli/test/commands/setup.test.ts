import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import { answering } from '@gru4rec/test-support';
import { beforeEach, describe, expect, it, type TestContext, vi } from 'vitest';
import { makeFolder, runHere } from '../run-trainer.ts';

/** Writes the files of a set-up into a cache folder. */
function writeRuntime(cache: string): string {
  const folder = join(cache, `tensorflow-wheel-cpu-2.15.1-${process.platform}-${process.arch}`);
  const directory = join(folder, 'node_modules', '@tensorflow', 'tfjs-node');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), '{"main": "index.js", "version": "4.22.0"}');
  writeFileSync(join(directory, 'index.js'), answering(false));
  return directory;
}

beforeEach(() => () => vi.unstubAllEnvs());

function skipElsewhere(ctx: TestContext): void {
  if (process.platform !== 'linux' || process.arch !== 'x64') ctx.skip('the wheels are for Linux on x64');
}

describe('trainer setup tensorflow', () => {
  it('reports that a runtime is already set up', async (ctx) => {
    skipElsewhere(ctx);
    const directory = makeFolder();
    const runtime = writeRuntime(join(directory, 'cache'));
    vi.stubEnv('GRU4REC_CACHE', join(directory, 'cache'));
    expect(await runHere(directory, 'setup tensorflow')).toEqual({
      code: 0,
      stdout: `TensorFlow 2.9.1 with tfjs-node 4.22.0 was set up already, it computes on the CPU: ${runtime}\n`,
      stderr: '',
    });
  });

  it('uses the compiler and options in CXX', async (ctx) => {
    skipElsewhere(ctx);
    const directory = makeFolder();
    const [log, compiler] = [join(directory, 'log.txt'), join(directory, 'fake-c++')];
    writeFileSync(compiler, `#!/bin/sh\necho "$@" >> '${log}'; exit 1\n`, { mode: 0o755 });
    vi.stubEnv('CXX', `  ${compiler}  --sysroot=/opt `);
    vi.stubEnv('GRU4REC_CACHE', join(directory, 'cache'));
    const outcome = await runHere(directory, 'setup tensorflow');
    expect(readFileSync(log, 'utf8')).toBe('--sysroot=/opt --version\n');
    expect(outcome).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `setUpTensorFlow: no C++ compiler runs here; tried ${compiler} --sysroot=/opt. ` +
        'Install g++ or clang, or name one in CXX.\n',
    });
  });
});

describe('trainer setup kernels', () => {
  it('ends with 1 and one line where no compiler runs', async () => {
    vi.stubEnv('CC', '/nowhere/cc');
    expect(await runHere(makeFolder(), 'setup kernels')).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'Native kernels are not built: no C compiler runs here; tried /nowhere/cc. Install gcc or clang, or name one in CC\n',
    });
  });

  it('says where they are if they are up to date', async (ctx) => {
    const state = findNativeKernels();
    if (!state.kernels) return ctx.skip(state.reason);
    vi.stubEnv('CC', undefined);
    vi.stubEnv('PATH', '');
    const sets = state.instructionSets.join(' and ');
    const { instructionSet, path } = state.kernels;
    expect(await runHere(makeFolder(), 'setup kernels')).toEqual({
      code: 0,
      stdout: `Native kernels for ${sets} were compiled already, ${instructionSet} runs: ${path}\n`,
      stderr: '',
    });
  });
});
