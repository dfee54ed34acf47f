import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelError } from '@gru4rec/model';
import { expect } from 'vitest';
import { readSafetensors } from '../../src/safetensors/from-safetensors.ts';
import { writeSafetensors } from '../../src/safetensors/to-safetensors.ts';
import { drawModel } from '../drawn-models.ts';

/** A model of four items. */
export const model = drawModel({ layers: [3] }, 4);
const made = mkdtempSync(join(tmpdir(), 'gru4rec-sound-'));
await writeSafetensors(model, join(made, 'sound'));
/** Its file, which is valid. */
export const sound: Buffer = readFileSync(join(made, 'sound'));
rmSync(made, { recursive: true });

/** The entry of a tensor in the header. */
export interface Entry {
  dtype: unknown;
  shape: unknown;
  data_offsets: unknown;
  [key: string]: unknown;
}
/** The header: an entry per tensor, and `__metadata__`. */
export type Entries = Record<string, Entry>;
/** Changes a header. */
export type Edit = (entries: Entries, metadata: Record<string, unknown>) => void;

/** Where the header of the valid file ends and its data begin, in bytes. */
export const headerEnd = 8 + Number(sound.readBigUInt64LE());
/** The header of the valid file. */
export const headerText = sound.subarray(8, headerEnd).toString();
/** The data of the valid file. */
export const data = sound.subarray(headerEnd);

/** A file with this header followed by these data. */
export function withHeader(json: string, behind: Uint8Array = data): Buffer {
  const header = Buffer.from(json);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, behind]);
}

/** The valid file after a change to its header. */
export function forged(edit: Edit, behind?: Uint8Array) {
  const header = JSON.parse(headerText);
  edit(header, header.__metadata__);
  return withHeader(JSON.stringify(header), behind);
}

/** The valid file after a change to the bytes of a tensor. */
export function withData(name: string, edit: (bytes: Buffer) => void): Buffer {
  const copy = Buffer.from(sound);
  const [from, to] = JSON.parse(headerText)[name].data_offsets;
  edit(copy.subarray(headerEnd + from, headerEnd + to));
  return copy;
}

/**
 * Reads the bytes as a file in `folder`.
 * @returns the error, one line, without the name of the file, with which it begins
 */
export async function refusal(folder: string, bytes: Uint8Array): Promise<string> {
  const file = join(folder, 'shop.safetensors');
  writeFileSync(file, bytes);
  const error = await readSafetensors(file).then(
    () => 'was read',
    (cause) => cause,
  );
  expect(error).toBeInstanceOf(ModelError);
  expect(error.message.startsWith(`${file} `)).toBe(true);
  expect(error.message).not.toContain('\n');
  expect(error.message.length).toBeLessThan(400);
  return error.message.slice(file.length + 1);
}
