import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { alteredJson } from '@gru4rec/test-support';
import { testFolder } from '@gru4rec/test-support/folder';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { DataError, openDataset, readDataset, type SessionDataset, writeDataset } from '../src/index.ts';
import { manifestChecksum } from '../src/manifest.ts';
import { editManifest, forgeManifest } from './forge.ts';
import { sourceOf } from './table.ts';

const folder = testFolder();
const whole = join(folder, 'whole');
const damaged = join(folder, 'damaged');
const names = ['dataset.json', 'items.arrow', 'train.arrow', 'test.arrow'];
let undamaged: SessionDataset;

beforeAll(async () => {
  const source = sourceOf('01 210', 3, { test: '20' });
  await writeDataset(whole, { ...source, preparation: { options: { testDays: 1 } } });
  undamaged = { ...(await readDataset(whole)), directory: damaged };
});

async function readAfter(change: () => void): Promise<SessionDataset | DataError> {
  rmSync(damaged, { recursive: true, force: true });
  cpSync(whole, damaged, { recursive: true });
  change();
  return readDamaged();
}

async function readDamaged(): Promise<SessionDataset | DataError> {
  const dataError = (error: unknown) => {
    if (error instanceof DataError) return error;
    throw error;
  };
  const result = await readDataset(damaged).catch(dataError);
  const opened = await openDataset(damaged).catch(dataError);
  if (!(opened instanceof DataError)) await opened.close();
  expect(opened instanceof DataError ? opened.message : '').toBe(
    result instanceof DataError ? result.message : '',
  );
  return result;
}

function expectRefused(result: SessionDataset | DataError, file: string): DataError {
  expect(result).toBeInstanceOf(DataError);
  const error = result as DataError;
  expect(error.file).toBe(file);
  expect(error.message).toContain(`at ${file}`);
  expect(error.message).not.toContain('\n');
  return error;
}

describe.each(names)('readDataset, %s', (name) => {
  const file = join(damaged, name);

  it('refuses a flipped bit anywhere, or reads the original data', async () => {
    const bytes = readFileSync(join(whole, name));
    const flip = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 7 }));
    await readAfter(() => undefined);
    await fc.assert(
      fc.asyncProperty(flip, async ([at, bit]) => {
        const changed = Buffer.from(bytes);
        changed[at] ^= 1 << bit;
        writeFileSync(file, changed);
        const result = await readDamaged();
        if (!(result instanceof DataError)) {
          expect(name).toBe('dataset.json');
          const { itemFeatures: _function, ...data } = undamaged;
          const { manifestChecksum: _checksum, ...manifest } = data.manifest;
          expect(result).toMatchObject({ ...data, manifest });
          return;
        }
        // Without the manifest's own checksum, a wrong size or checksum in it looks like a wrong file.
        const named = name === 'dataset.json' ? names.map((other) => join(damaged, other)) : [file];
        expect(named).toContain(result.file);
        expect(result.message).not.toContain('\n');
      }),
      { seed: 9, numRuns: name === 'dataset.json' ? 200 : 100 },
    );
  });
});

describe('readDataset, manifests', () => {
  it('refuses a changed option', async () => {
    const result = await readAfter(() =>
      editManifest(damaged, (manifest) => {
        manifest.preparation = { options: { testDays: 2 } };
      }),
    );
    expect(expectRefused(result, join(damaged, 'dataset.json')).message).toMatch(
      /^readDataset: "manifestChecksum" expected the SHA-256 of what it covers, got "[0-9a-f]+/,
    );
  });

  it('opens no file of another name', async () => {
    const result = await readAfter(() =>
      forgeManifest(damaged, ({ files }) => {
        files['../whole/other.arrow'] = { bytes: 1, sha256: '' };
      }),
    );
    expect(expectRefused(result, join(damaged, 'dataset.json')).message).toContain(
      '"files" expected no key "../whole/other.arrow"',
    );
  });

  it('reads any dataset.json exactly, or names the file and position', async () => {
    await readAfter(() => undefined);
    const file = join(damaged, 'dataset.json');
    const cases = [...alteredJson(JSON.parse(readFileSync(file, 'utf8')), ['manifestChecksum'])];
    let read = 0;
    for (const { label, value } of cases) {
      const manifest = value as object;
      writeFileSync(file, JSON.stringify({ ...manifest, manifestChecksum: manifestChecksum(manifest) }));
      const result = await readDataset(damaged).catch((error: unknown) => error);
      if (result instanceof DataError) {
        expect(result.message).toContain(`at ${damaged}`);
        expect(result.message).not.toMatch(/\n|undefined|\[object/);
        continue;
      }
      const { train, itemIds } = result as SessionDataset;
      expect([label, train, itemIds]).toEqual([label, undamaged.train, undamaged.itemIds]);
      read++;
    }
    expect(read).toBeGreaterThan(10);
    expect(read).toBeLessThan(cases.length / 3);
  });

  it.each(['[', '{"format":'])('survives a manifest nested to the maximum depth: %s', async (open) => {
    const result = await readAfter(() =>
      writeFileSync(join(damaged, 'dataset.json'), open.repeat(1_000_000)),
    );
    expectRefused(result, join(damaged, 'dataset.json'));
  });
});
