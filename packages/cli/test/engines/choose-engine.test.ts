import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import { findNativeKernels } from '@gru4rec/engine-wasm/native';
import { EngineUnavailableError } from '@gru4rec/program';
import { answering, installFake } from '@gru4rec/test-support';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  cacheFolder,
  checkEngine,
  chooseEngine,
  chooseEngineName,
  type EngineChoice,
} from '../../src/engines/choose-engine.ts';

let project: string;
let places: { readonly folder: string; readonly resolveFrom: string };

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'gru4rec-engines-'));
  places = { folder: join(project, 'cache'), resolveFrom: project };
  return () => rmSync(project, { recursive: true });
});

describe('chooseEngine with kernels', () => {
  it('runs WebAssembly kernels on request', async () => {
    const { facts } = await chooseEngine('wasm:wasm');
    expect(facts).not.toHaveProperty('kernels');
  });

  it('runs native kernels of the best or the requested instruction set', async (ctx) => {
    const state = findNativeKernels();
    if (!state.kernels) return ctx.skip(state.reason);
    for (const choice of ['wasm', 'wasm:native'] as const) {
      expect((await chooseEngine(choice)).facts).toMatchObject({ kernels: state.instructionSets[0] });
    }
    for (const kernels of state.instructionSets) {
      expect((await chooseEngine(`wasm:${kernels}` as EngineChoice)).facts).toMatchObject({ kernels });
    }
  });

  it('says why native kernels cannot run', async () => {
    const other = process.arch === 'arm64' ? 'wasm:avx2' : 'wasm:neon';
    await expect(chooseEngine(other)).rejects.toThrow(
      new RegExp(`^engine ${other} expected native kernels, got none: `),
    );
  });
});

describe('chooseEngine', () => {
  // Until a training has run on a GPU: docs/cuda.md says what was tried.
  it('chooses wasm for auto, also if a GPU responds, and loads no runtime', async () => {
    const mark = `require('fs').writeFileSync(__dirname + '/loaded', '');`;
    const runtimes = ['tfjs-node', 'tfjs-node-gpu'].map((name) =>
      installFake(project, `@tensorflow/${name}`, mark + answering(true)),
    );
    const { name, engine, facts } = await chooseEngine('auto', { places });
    expect({ name, engine: engine.name }).toEqual({ name: 'wasm', engine: 'wasm' });
    expect(chooseEngineName('auto', { places })).toBe('wasm');
    const native = findNativeKernels().kernels ? ['kernels'] : [];
    expect(Object.keys(facts)).toEqual(['threads', 'relaxed', ...native]);
    for (const runtime of runtimes) expect(existsSync(join(runtime, 'loaded'))).toBe(false);
  });

  it.each([
    ['reference', '--threads expected 1 with engine reference, which has no threads, got 2'],
    ['tensorflow', '--threads is not for engine tensorflow, which takes all cores; got 2'],
    ['cuda', '--threads is not for engine cuda, which computes on a GPU; got 2'],
  ] as const)('refuses threads with %s', async (name, message) => {
    await expect(chooseEngine(name, { threads: 2 })).rejects.toThrow(new UsageError(message));
    expect(() => chooseEngineName(name, { threads: 2 })).toThrow(message);
  });
});

describe('cacheFolder', () => {
  it.each([
    [{ GRU4REC_CACHE: '/cache', XDG_CACHE_HOME: '/xdg' }, resolve('/cache')],
    [{ GRU4REC_CACHE: 'cache', INIT_CWD: '/home/me' }, resolve('/home/me/cache')],
    [{ GRU4REC_CACHE: '', XDG_CACHE_HOME: '/xdg' }, join('/xdg', 'gru4rec')],
    [{}, join(homedir(), '.cache', 'gru4rec')],
  ])('for %j is %s', (environment, folder) => {
    expect(cacheFolder(environment)).toBe(folder);
  });
});

describe('checkEngine', () => {
  it('loads no runtime of a folder that does not depend on gru4rec, unless GRU4REC_RUNTIME names it', () => {
    onTestFinished(() => void vi.unstubAllEnvs());
    const mark = `require('fs').writeFileSync(__dirname + '/loaded', '');`;
    const directory = installFake(project, '@tensorflow/tfjs-node-gpu', mark + answering(true));
    writeFileSync(join(project, 'package.json'), '{"dependencies": {"express": "*"}}');
    const deep = join(project, 'data', 'raw');
    mkdirSync(deep, { recursive: true });
    vi.stubEnv('INIT_CWD', deep);
    expect(() => checkEngine('cuda')).toThrow(EngineUnavailableError);
    expect(existsSync(join(directory, 'loaded'))).toBe(false);
    vi.stubEnv('GRU4REC_RUNTIME', '../..');
    expect(() => checkEngine('cuda')).not.toThrow();
    expect(existsSync(join(directory, 'loaded'))).toBe(true);
  });
});
