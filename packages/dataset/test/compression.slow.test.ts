import { statSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { readDataset, writeDataset } from '../src/index.ts';
import { forgeManifest } from './forge.ts';
import { sourceOf } from './table.ts';

const folder = testFolder();
let count = 0;
const sessions = Array.from({ length: 200 }, (_, index) => [index % 5, 5, (index + 1) % 5]);
const source = sourceOf(sessions, 6, { test: [[1, 2]] });

async function written(compression?: 'lz4' | 'zstd'): Promise<string> {
  const directory = join(folder, `dataset-${count++}`);
  await writeDataset(directory, source, { compression });
  return directory;
}

describe.each(['lz4', 'zstd'] as const)('writeDataset in %s', (compression) => {
  it('writes the same smaller files on each run, which readDataset reads', async () => {
    const [plain, packed, again] = [await written(), await written(compression), await written(compression)];
    const { manifest, directory, support, train, test } = await readDataset(packed);
    const { checksum: _, ...sessions } = train;
    expect(await readDataset(plain)).toMatchObject({
      support,
      train: sessions,
      test: { items: test?.items },
    });
    expect(manifest.files['train.arrow']).toMatchObject({ compression });
    expect((await readDataset(again)).manifest.checksum).toBe(manifest.checksum);
    expect((await readDataset(plain)).manifest.checksum).not.toBe(manifest.checksum);
    const size = (dataset: string) => statSync(join(dataset, 'train.arrow')).size;
    expect(size(packed)).toBeLessThan(0.7 * size(plain));
    expect(directory).toBe(packed);
  });
});

describe('readDataset', () => {
  it('refuses a manifest that names another compression', async () => {
    const directory = await written('zstd');
    forgeManifest(directory, ({ files }) => {
      Object.assign(files['items.arrow'], { compression: 'brotli' });
    });
    await expect(readDataset(directory)).rejects.toThrow(
      '"files.items.arrow.compression" expected "lz4"|"zstd", got "brotli"',
    );
  });
});
