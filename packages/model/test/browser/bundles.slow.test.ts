import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { bundlePage, type PageFiles } from '@gru4rec/test-support/browser';
import { describe, expect, it } from 'vitest';

/** The entries of packages that run in browsers. */
const portable = [
  'baselines',
  'batcher',
  'checks',
  'checks/json',
  'dataset/ids',
  'engine-wasm',
  'metrics',
  'model',
  'program',
  'program/interpreter',
  'random',
  'sampler',
];
/** Packages with a native addon, with files, or with Arrow. */
const without = [
  'apache-arrow',
  'lz4-napi',
  '@bokuweb/zstd-wasm',
  '@gru4rec/dataset/arrow',
  '@gru4rec/durable-files',
];

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
function indexOf(entry: string): string {
  const [name, part = '.'] = entry.split('/');
  const file = pathOf(`../../../${name}/src/${part}.ts`);
  return existsSync(file) ? file : pathOf(`../../../${name}/src/${part}/index.ts`);
}

/** Bytes of a file as a host sends it. */
function gzipped(file: PageFiles[number]): number {
  return gzipSync(file.type === 'chunk' ? file.code : file.source).length;
}

describe('a bundle for browsers', () => {
  it.each(portable)('has %s without Node, native addons, files and Arrow', async (name) => {
    const files = await bundlePage({ entries: { [name]: indexOf(name) }, without });
    const modules = files.flatMap((file) => (file.type === 'chunk' ? Object.keys(file.modules) : []));
    expect(modules).toContain(indexOf(name));
    expect(modules.filter((path) => path.includes('.node.'))).toEqual([]);
  });

  it('fails for a package that needs Node, naming the importer', async () => {
    await expect(bundlePage({ entries: { dataset: indexOf('dataset') } })).rejects.toThrow(
      /packages\/\S+\.ts imports node:\S+, which browsers do not have/,
    );
  });

  it('takes less than 150 kB to load a model and recommend, with one thread or several', async () => {
    const files = await bundlePage({ entries: { runtime: pathOf('./runtime.ts') }, without });
    const code = files.filter(({ fileName }) => fileName.endsWith('.js'));
    const kernels = files.filter(({ fileName }) => fileName.endsWith('.wasm')).map(gzipped);
    expect(code.map(({ fileName }) => fileName)).toEqual(
      expect.arrayContaining(['runtime.js', expect.stringContaining('run-ops.browser')]),
    );
    // A page loads one of the builds of the kernels.
    expect(kernels).toHaveLength(4);
    const bytes = code.reduce((sum, file) => sum + gzipped(file), Math.max(...kernels));
    expect(bytes).toBeLessThan(150_000);
    expect(bytes).toBeGreaterThan(40_000);
  });
});
