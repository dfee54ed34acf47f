import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  DataError,
  type DatasetSource,
  openDataset,
  readDataset,
  readManifest,
  writeDataset,
} from '../src/index.ts';
import { editManifest, forgeManifest, forgeRecord } from './forge.ts';
import { chunkOf, sourceOf } from './table.ts';

const folder = testFolder();
// A variable, because knip takes a literal command name for a missing package.
const mkfifo = 'mkfifo';
let count = 0;

beforeAll(async () => {
  await writeDataset(join(folder, 'sound'), sourceOf('01 101', 2));
});

/** A new dataset; without a source a copy, because flushing to disk takes most of the time. */
async function dataset(source?: DatasetSource): Promise<string> {
  const directory = join(folder, `dataset-${count++}`);
  if (source) await writeDataset(directory, source);
  else cpSync(join(folder, 'sound'), directory, { recursive: true });
  return directory;
}

const withItems = (itemIds: string[], ...support: number[]) =>
  dataset({ ...sourceOf('01', 2), items: [{ itemIds, support: Int32Array.from(support) }] });

function replaceFile(directory: string, name: string, bytes: Uint8Array): void {
  writeFileSync(join(directory, name), bytes);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  forgeRecord(directory, name, { bytes: bytes.length, sha256 });
}

/** The error for a dataset, which must be the same for reading and opening. */
async function messageFor(directory: string): Promise<string> {
  const [error, other] = await Promise.all(
    [readDataset, openDataset].map((read) =>
      read(directory).then(
        () => undefined,
        (reason: unknown) => reason,
      ),
    ),
  );
  expect(error).toBeInstanceOf(DataError);
  expect((error as DataError).message).not.toContain('\n');
  expect(other).toEqual(error);
  return (error as DataError).message;
}

describe('readDataset', () => {
  it('names what is missing', async () => {
    const missing = join(folder, 'nowhere');
    expect(await messageFor(missing)).toBe(
      `readDataset: "directory" expected a session dataset, got nothing, at ${missing}. Make one with prepare.`,
    );
    expect(await messageFor(folder)).toContain('got a folder without dataset.json');
    const file = join(folder, 'file.txt');
    writeFileSync(file, 'x');
    expect(await messageFor(file)).toContain('got a file, at');
  });

  it('refuses a foreign manifest', async () => {
    const directory = await dataset();
    writeFileSync(join(directory, 'dataset.json'), '{"format":"parquet-dataset"}');
    expect(await messageFor(directory)).toBe(
      `readDataset: "format" expected 'gru4rec-sessions', got "parquet-dataset", at ${join(directory, 'dataset.json')}. ` +
        'This is not a session dataset; make one with prepare.',
    );
    writeFileSync(join(directory, 'dataset.json'), '[]');
    expect(await messageFor(directory)).toContain('got [], at');
    writeFileSync(join(directory, 'dataset.json'), '{"format":');
    expect(await messageFor(directory)).toContain('expected JSON, got 10 characters that are not JSON, at');
  });

  it('refuses another version', async () => {
    const directory = await dataset();
    editManifest(directory, (manifest) => {
      manifest['formatVersion'] = 2;
    });
    expect(await messageFor(directory)).toBe(
      `readDataset: "formatVersion" expected 1, got 2, at ${join(directory, 'dataset.json')}. ` +
        'Prepare the dataset again with this version.',
    );
  });

  it('refuses a truncated, changed or missing file', async () => {
    const directory = await dataset();
    const file = join(directory, 'train.arrow');
    const whole = readFileSync(file);
    truncateSync(file, whole.length - 100);
    expect(await messageFor(directory)).toBe(
      `readDataset: size expected ${whole.length} bytes, got ${whole.length - 100}, at ${file}. ` +
        'The file is cut short or changed; prepare the dataset again.',
    );
    const changed = Buffer.from(whole);
    changed[whole.length >> 1] ^= 1;
    writeFileSync(file, changed);
    expect(await messageFor(directory)).toMatch(
      /^readDataset: SHA-256 expected [0-9a-f]{12}…, got [0-9a-f]{12}…, at .*train\.arrow\. The file was changed; prepare the dataset again\.$/,
    );
    rmSync(file);
    expect(await messageFor(directory)).toBe(
      `readDataset: expected a file, got none, at ${file}. Prepare the dataset again.`,
    );
  });

  it.each(['dataset.json', 'train.arrow'])('refuses a pipe or device as %s', async (name) => {
    const directory = await dataset();
    const file = join(directory, name);
    const problem = `readDataset: expected a file, got a pipe or device, at ${file}. Prepare the dataset again.`;
    rmSync(file);
    execFileSync(mkfifo, [file]);
    expect(await messageFor(directory)).toBe(problem);
    rmSync(file);
    symlinkSync('/dev/zero', file);
    expect(await messageFor(directory)).toBe(problem);
  });

  it('refuses a manifest of more than 64 MiB without reading it', async () => {
    const directory = await dataset();
    truncateSync(join(directory, 'dataset.json'), 200e6);
    expect(await messageFor(directory)).toContain('got one of 200000000 bytes, more than 67108864, at');
  });

  it('refuses files that are not Arrow or have another schema', async () => {
    const directory = await dataset();
    replaceFile(directory, 'train.arrow', Buffer.from('SessionId,ItemId,Time\n1,2,3\n'.repeat(9)));
    expect(await messageFor(directory)).toContain(
      'expected an Arrow file, got one that cannot be read (it does not start as an Arrow file), at',
    );
    const other = tableFromArrays({ support: Int32Array.of(1, 2) });
    replaceFile(directory, 'items.arrow', tableToIPC(other, 'file'));
    expect(await messageFor(directory)).toContain(
      'columns expected id: Utf8, support: Int32, got support: Int32, at',
    );
  });

  it('refuses counts that differ from the manifest', async () => {
    const directory = await dataset();
    forgeManifest(directory, ({ counts }) => {
      counts.splits.train = { sessions: 3, events: 5 };
    });
    expect(await messageFor(directory)).toContain('"sessions" expected 3, as the manifest says, got 2');
    forgeManifest(directory, ({ counts }) => {
      counts.splits.train = { sessions: 2, events: 4 };
    });
    expect(await messageFor(directory)).toContain('"events" expected 4, as the manifest says, got 5 or more');
  });

  it('refuses item indices out of range', async () => {
    const directory = await dataset({ ...sourceOf('01', 2), splits: { train: [chunkOf('02')] } });
    expect(await messageFor(directory)).toContain('"items" expected indices in [0, 2), got 2, at');
  });

  it('refuses empty sessions and times that decrease', async () => {
    const empty = await dataset({ ...sourceOf([], 1), splits: { train: [chunkOf([[0], []])] } });
    expect(await messageFor(empty)).toContain('"offsets" expected an increase, got 1 then 1, at');
    const train = [{ ...chunkOf([[0, 0]]), times: BigInt64Array.of(5n, 4n) }];
    const backwards = await dataset({ ...sourceOf([[0, 0]], 1), splits: { train } });
    expect(await messageFor(backwards)).toContain('"times" expected no decrease in session 0, got 4, at');
  });

  it('refuses support that differs from the training sessions, and duplicate ids', async () => {
    const wrong = await withItems(['a', 'b'], 1, 2);
    expect(await messageFor(wrong)).toContain('"support" expected 1 training events of item 1, got 2, at');
    const twice = await withItems(['a', 'a'], 1, 1);
    expect(await messageFor(twice)).toContain('"item ids" expected unique ids, got repeated ones, at');
  });

  it('refuses item ids that are not texts', async () => {
    const directory = await withItems(['shoe', 'sock'], 1, 1);
    const bytes = readFileSync(join(directory, 'items.arrow'));
    bytes[bytes.indexOf('sock')] = 0xff;
    replaceFile(directory, 'items.arrow', bytes);
    expect(await messageFor(directory)).toContain('"id" expected UTF-8, got invalid bytes in row 1, at');
  });
});

describe('readManifest', () => {
  it('reads only the manifest', async () => {
    const directory = await dataset();
    rmSync(join(directory, 'train.arrow'));
    expect((await readManifest(directory)).counts.items).toBe(2);
  });
});
