import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { alteredJson } from '@gru4rec/test-support';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Gru4Rec } from '../../src/gru4rec.ts';
import { ModelError, manifestChecksum } from '../../src/storage/manifest.ts';
import { tensorChunks } from '../../src/storage/model-file.ts';
import { readSnapshotHistory, saveSnapshot } from '../../src/storage/snapshot-folder.ts';
import type { StoredModel } from '../../src/storage/stored-model.ts';
import type { StoredTensor } from '../../src/storage/tensors.ts';
import { readModel } from '../../src/storage.node.ts';
import { engine, tinyData, trainWatched } from '../tiny-data.ts';

const root = mkdtempSync(join(tmpdir(), 'gru4rec-model-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const whole = join(root, 'whole');
const damaged = join(root, 'damaged');
const names = ['model.json', 'items.arrow', 'model.safetensors', 'optimizer.safetensors'];
// Variables, because knip takes a literal command name for a missing package.
const mkfifo = 'mkfifo';
const { model, snapshots } = await trainWatched(
  tinyData(),
  { layers: [3], nEpochs: 3, patience: 3 },
  { validation: tinyData(9).train },
  9,
);
await model.save(whole, { dataset: { checksum: 'c', directory: 'data' } });
const undamaged = await readModel(whole);

/** Reads a copy of the model after a change to it. */
async function readAfter(change: () => void): Promise<StoredModel | ModelError> {
  rmSync(damaged, { recursive: true, force: true });
  cpSync(whole, damaged, { recursive: true });
  change();
  return readDamaged();
}

async function readDamaged(): Promise<StoredModel | ModelError> {
  return readModel(damaged).catch((error) => {
    if (error instanceof ModelError) return error;
    throw error;
  });
}

/** Expects an error of one short line that names the file. */
function expectRefused(result: unknown, name: string, folder = damaged): string {
  expect(result).toBeInstanceOf(ModelError);
  const { file, message } = result as ModelError;
  expect(file).toBe(join(folder, name));
  expect(message.startsWith(`${file} `)).toBe(true);
  expect(message.length).toBeLessThan(file.length + 400);
  expect(message).not.toMatch(/\n|undefined|\[object/);
  return message;
}

/** The parts of `model.json` that tests change. */
interface Forged {
  config: Record<string, unknown>;
  checksums: Record<string, string | undefined>;
  [key: string]: unknown;
}

/** Changes a manifest and its checksum. */
function forgeManifest(edit: (manifest: Forged) => void): void {
  const file = join(damaged, 'model.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Forged;
  edit(manifest);
  writeFileSync(file, JSON.stringify({ ...manifest, checksum: manifestChecksum(manifest) }));
}

/** Replaces a file, with the matching checksum in the manifest. */
function forgeFile(name: string, bytes: Uint8Array): void {
  writeFileSync(join(damaged, name), bytes);
  forgeManifest(({ checksums }) => {
    checksums[name] = createHash('sha256').update(bytes).digest('hex');
  });
}

describe.each(names)('readModel, %s', (name) => {
  const file = join(damaged, name);
  const replaceBy = (make: (path: string) => unknown): void => {
    rmSync(file);
    make(file);
  };

  it.for<[string, string, () => void]>([
    ['missing', 'cannot be read', () => rmSync(file)],
    ['empty', '', () => truncateSync(file, 0)],
    ['cut short', '', () => truncateSync(file, readFileSync(file).length >> 1)],
    ['foreign', '', () => writeFileSync(file, 'PK\u0003\u0004 something else')],
    ['longer', '', () => writeFileSync(file, 'x', { flag: 'a' })],
    ['a folder', 'is a folder, not a file', () => replaceBy(mkdirSync)],
    [
      'a link',
      'is a link, which is not followed',
      () => replaceBy((path) => symlinkSync(join(whole, name), path)),
    ],
    ['a pipe', 'is a pipe or device', () => replaceBy((path) => spawnSync(mkfifo, [path]))],
  ])('refuses one that is %s', async ([kind, text, change], ctx) => {
    if (kind === 'a pipe' && process.platform === 'win32') ctx.skip('no mkfifo on Windows');
    expect(expectRefused(await readAfter(change), name)).toContain(text);
  });

  it('refuses a flipped bit anywhere, or reads the original data', async () => {
    const bytes = readFileSync(join(whole, name));
    const flip = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 7 }));
    await readAfter(() => undefined);
    await fc.assert(
      fc.asyncProperty(flip, async ([at, bit]) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        writeFileSync(file, changed);
        const result = await readDamaged();
        if (result instanceof ModelError) expectRefused(result, name);
        else expect([name, result]).toEqual(['model.json', undamaged]);
      }),
      { seed: 9, numRuns: name === 'model.json' ? 150 : 60 },
    );
  });

  it('refuses a file that is too large', async () => {
    const message = expectRefused(await readAfter(() => truncateSync(file, 2 ** 31)), name);
    expect(message).toMatch(/ has 2 GiB, expected at most [\d.]+ MiB$| expected \d+ bytes, got 2147483648: /);
  });
});

describe('readModel, manifests', () => {
  it('refuses a changed value', async () => {
    const file = join(damaged, 'model.json');
    const result = await readAfter(() =>
      writeFileSync(file, readFileSync(file, 'utf8').replace('"seed": 42', '"seed": 43')),
    );
    expect(expectRefused(result, 'model.json')).toBe(
      `${file} differs from its own checksum: it was altered. Copy or train it again`,
    );
  });

  it('does not read other files named in a manifest', async () => {
    const result = await readAfter(() =>
      forgeManifest(({ checksums }) => {
        checksums['../whole/model.json'] = checksums['items.arrow'];
        checksums['/dev/zero'] = checksums['items.arrow'];
      }),
    );
    expect(result).toEqual({ ...undamaged, checksum: expect.any(String) });
  });

  it.each<[string, Record<string, unknown>, RegExp]>([
    ['items', { itemCount: 2 ** 40 }, /asks for 1,099,511,627,776 items, expected 1 to 2\^31 − 1$/],
    ['items', { itemCount: 1e9 }, /asks for 14\.9 GiB of parameters, expected at most 4 GiB$/],
    ['units', { layers: [2 ** 30] }, /asks for .* of parameters, expected at most 4 GiB$/],
    ['datasets', { dataset: { checksum: 5 } }, /"dataset.checksum" expected a string, got 5/],
  ])('allocates nothing for absurd %s: %j', async (_, values, text) => {
    const result = await readAfter(() =>
      forgeManifest((manifest) => {
        const isTop = 'itemCount' in values || 'dataset' in values;
        Object.assign(isTop ? manifest : manifest.config, values);
      }),
    );
    expect(expectRefused(result, 'model.json')).toMatch(text);
  });

  it('survives JSON that is nested to the maximum depth', async () => {
    for (const json of ['['.repeat(500_000), `{"history":${'['.repeat(200_000)}${']'.repeat(200_000)}}`]) {
      expectRefused(await readAfter(() => writeFileSync(join(damaged, 'model.json'), json)), 'model.json');
    }
  });

  it('gives the stored values of any changed manifest, or names the file and position', async () => {
    await readAfter(() => undefined);
    const manifest = JSON.parse(readFileSync(join(whole, 'model.json'), 'utf8'));
    let read = 0;
    // config.test and config-fuzz.test change each key of the configuration.
    const cases = [...alteredJson(manifest, ['checksum', 'config'])];
    for (const { label, value } of cases) {
      const checksum = manifestChecksum(value as object);
      writeFileSync(join(damaged, 'model.json'), JSON.stringify({ ...(value as object), checksum }));
      const result = await readDamaged();
      if (result instanceof ModelError) {
        expectRefused(result, result.file.slice(damaged.length + 1));
        continue;
      }
      read++;
      expect([label, result.tensors]).toEqual([label, undamaged.tensors]);
      expect(JSON.stringify(result.history)).not.toMatch(/null|NaN/);
    }
    expect(read).toBeGreaterThan(10);
    expect(read).toBeLessThan(cases.length / 3);
  });
});

describe('readSnapshotHistory, with any snapshot.json', async () => {
  const folder = join(root, 'snapshot');
  const file = join(folder, 'snapshot.json');
  await saveSnapshot(snapshots.at(-1) ?? snapshots[0], folder);
  const { checksum: _, ...snapshot } = JSON.parse(readFileSync(file, 'utf8'));
  const parse = (content: object) => {
    const checksum = createHash('sha256').update(JSON.stringify(content)).digest('hex');
    writeFileSync(file, JSON.stringify({ ...content, checksum }));
    return readSnapshotHistory(folder);
  };

  it('is read or names the file and position', async () => {
    const cases = [...alteredJson(snapshot, ['config'])];
    let read = 0;
    for (const { value } of cases) {
      try {
        await parse(value as object);
        read++;
      } catch (error) {
        expectRefused(error, 'snapshot.json', folder);
      }
    }
    expect(read).toBeGreaterThan(10);
    expect(read).toBeLessThan(cases.length / 3);
  });
});

describe('readModel, forged files', () => {
  const recent = { name: 'recentClicks', rows: model.itemIds.length, values: model.recentClicks! };
  const file = (tensors: readonly StoredTensor[]) => Buffer.concat([...tensorChunks([...tensors, recent])]);
  const parameters = model.tensors.filter(({ kind }) => kind !== 'slot');
  const [first] = parameters;
  if (!first) throw new Error('no tensor');

  it('refuses other tensors than those of the configuration, whatever their header says', async () => {
    const bytes = file(parameters);
    expect(bytes.equals(readFileSync(join(whole, 'model.safetensors')))).toBe(true);
    const other = file(parameters.map((tensor) => (tensor === first ? { ...first, name: 'Wx' } : tensor)));
    const texts = bytes.toString('latin1');
    const forgeries = [
      other,
      ...[
        ['"F32"', '"I32"'],
        ['"data_offsets":[0,', '"data_offsets":[4,'],
        ['{"', ' {"'],
        ['  ', '\n '],
      ].map(([from = '', to = '']) => Buffer.from(texts.replace(from, to), 'latin1')),
    ];
    for (const forgery of forgeries) {
      expect(forgery.equals(bytes)).toBe(false);
      const result = await readAfter(() => forgeFile('model.safetensors', forgery));
      expect(expectRefused(result, 'model.safetensors')).toMatch(
        /has other tensors than its manifest|expected \d+ bytes, got/,
      );
    }
    const more = await readAfter(() => forgeFile('model.safetensors', file([...parameters, first])));
    expect(expectRefused(more, 'model.safetensors')).toContain('is truncated or was altered');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses %s in any tensor, naming file and tensor',
    async (value) => {
      for (const { name, kind } of model.tensors) {
        const tensors = model.tensors.map((tensor) =>
          tensor.name === name ? { ...tensor, values: tensor.values.with(0, value) } : tensor,
        );
        await new Gru4Rec({ ...model, tensors, engine }).save(damaged);
        const file = kind === 'slot' ? 'optimizer.safetensors' : 'model.safetensors';
        expect(expectRefused(await readDamaged(), file)).toContain(`"${name}" holds NaN or infinity`);
      }
    },
  );

  it('reads files with any changed bytes under a right checksum, or refuses them in one line', async () => {
    await readAfter(() => undefined);
    const bytes = readFileSync(join(whole, 'model.safetensors'));
    const change = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const changed = Buffer.from(bytes);
        for (const [at, byte] of changes) changed[at] = byte;
        forgeFile('model.safetensors', changed);
        const result = await readDamaged();
        if (result instanceof ModelError) expectRefused(result, 'model.safetensors');
        else expect(result.tensors.map(({ name }) => name)).toEqual(model.tensors.map(({ name }) => name));
      }),
      { seed: 3, numRuns: 300 },
    );
  });
});
