import { createHash } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataError, readDataset, type SessionDataset, writeDataset } from '../src/index.ts';
import { forgeManifest, forgeRecord } from './forge.ts';
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

async function result(directory: string): Promise<SessionDataset | DataError> {
  return readDataset(directory).catch((error) => {
    if (error instanceof DataError) return error;
    throw error;
  });
}

/** Replaces a file's bytes, and its size and checksum in the manifest. */
function forgeFile(directory: string, name: string, bytes: Buffer, compression: 'lz4' | 'zstd'): void {
  writeFileSync(join(directory, name), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  forgeRecord(directory, name, { bytes: bytes.length, sha256, compression });
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

  it('reads or refuses a forged file in one line', async () => {
    const directory = await written(compression);
    const whole = await readDataset(directory);
    const bytes = readFileSync(join(directory, 'train.arrow'));
    const flips = fc.array(fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 7 })), {
      minLength: 1,
      maxLength: 2,
    });
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(flips, async (chosen) => {
        const changed = Buffer.from(bytes);
        for (const [at, bit] of chosen) changed[at] ^= 1 << bit;
        forgeFile(directory, 'train.arrow', changed, compression);
        const found = await result(directory);
        if (!(found instanceof DataError)) {
          expect(found.train.items).toHaveLength(whole.train.items.length);
          return;
        }
        refused++;
        expect(found.message).toMatch(/^readDataset: [^\n]*, at [^\n]*$/);
      }),
      { seed: 4, numRuns: 200 },
    );
    expect(refused).toBeGreaterThan(100);
  }, 60_000);

  it('allocates nothing for counts impossible for the compressed size', async () => {
    const directory = await written(compression);
    forgeManifest(directory, ({ counts }) => {
      counts.splits.train.events = 2 ** 30;
    });
    expect(((await result(directory)) as DataError).message).toMatch(
      /"events" expected at most \d+ in a file/,
    );
  });
});

describe('readDataset', () => {
  it('refuses a manifest that names another compression', async () => {
    const directory = await written('zstd');
    forgeManifest(directory, ({ files }) => {
      Object.assign(files['items.arrow'], { compression: 'brotli' });
    });
    expect(((await result(directory)) as DataError).message).toContain(
      '"files.items.arrow.compression" expected "lz4"|"zstd", got "brotli"',
    );
  });
});
