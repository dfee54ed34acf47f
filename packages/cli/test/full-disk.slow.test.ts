import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '@gru4rec/durable-files';
import { beforeAll, describe, expect, it } from 'vitest';
import { ok, runHere } from './run-trainer.ts';
import { contentsOf, fill, smallDisk, writeProtect } from './small-disk.ts';
import { trainTiny, useTinyShop } from './tiny-shop.ts';

const folder = useTinyShop();
beforeAll(async () => {
  const space = { learningRate: { type: 'uniform', low: 0.1, high: 0.2 } };
  writeFileSync(join(folder(), 'space.json'), JSON.stringify(space));
  await ok(folder(), 'prepare --input clicks.tsv --output validated --validation 2d');
});

const lastLine = (stderr: string) => stderr.trimEnd().split('\n').at(-1);
const prepareInto = (output: string) =>
  runHere(folder(), 'prepare', '--input', 'clicks.tsv', '--output', output, '--overwrite');
const tuneInto = (output: string) =>
  runHere(folder(), 'tune', 'validated', '--space', 'space.json', '--output', output);
const compareInto = (output: string) => {
  const options = ['--models', 'pop', 's-pop', '--output', output];
  return runHere(folder(), 'compare', 'data', ...options);
};

const demoInto = (output: string) => runHere(folder(), 'demo', '--directory', output, '--events', '3000');
const trainInto = (output: string) => trainTiny(folder(), output, '--overwrite');

describe('trainer on a full disk', () => {
  it.for([
    ['prepare', 16, prepareInto, /got a full disk, at .*\. Free some or choose another disk/],
    ['train', 8, trainInto, /out cannot be written: ENOSPC: no space left on device, write$/],
    ['demo', 16, demoInto, /clicks\.tsv cannot be written: ENOSPC: no space left on device, write$/],
  ] as const)('%s says so and leaves nothing', async ([, kibibytes, command, message], ctx) => {
    const disk = smallDisk(ctx, kibibytes);
    const { code, stderr } = await command(join(disk, 'out'));
    expect({ code, line: lastLine(stderr) }).toEqual({ code: 1, line: expect.stringMatching(message) });
    expect(Object.values(contentsOf(disk)).filter((content) => content !== null)).toEqual([]);
  });

  it.for([
    ['prepare', 1024, prepareInto],
    ['train', 256, trainInto],
    ['compare', 2048, compareInto],
  ] as const)('%s keeps an older output, and replaces it once there is space', async (row, ctx) => {
    const [, kibibytes, command] = row;
    const disk = smallDisk(ctx, kibibytes);
    expect((await command(join(disk, 'out'))).code).toBe(0);
    const filler = fill(disk);
    const before = contentsOf(disk);
    expect((await command(join(disk, 'out'))).code).toBe(1);
    expect(contentsOf(disk)).toEqual(before);
    rmSync(filler);
    expect((await command(join(disk, 'out'))).code).toBe(0);
  });

  it('tune says so and leaves no file', async (ctx) => {
    const disk = smallDisk(ctx, 16);
    fill(disk);
    const { code, stderr } = await tuneInto(join(disk, 'study'));
    expect({ code, line: stderr.trimEnd() }).toEqual({
      code: 1,
      line: expect.stringMatching(/^.*study\.jsonl.*no space left on device/),
    });
    expect(readdirSync(join(disk, 'study'))).toEqual([]);
  });
});

describe('trainer on a read-only disk', () => {
  it.for([
    ['prepare', prepareInto, /(writable folder|cannot be locked).*: EROFS/],
    ['demo', demoInto, /^The demo cannot be written in .*: EROFS/],
  ] as const)('%s says so before any work', async ([, command, message], ctx) => {
    const disk = smallDisk(ctx, 64);
    writeProtect(ctx, disk);
    const { code, stderr } = await command(join(disk, 'out'));
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
    expect(stderr.trimEnd()).not.toContain('\n');
  });
});

describe('replaceFile', () => {
  it('keeps the older file if the new one does not fit', async (ctx) => {
    const disk = smallDisk(ctx, 32);
    const file = join(disk, 'a');
    await replaceFile(file, [Buffer.from('old')]);
    const chunks = [Buffer.alloc(8192), Buffer.alloc(65536)];
    await expect(replaceFile(file, chunks)).rejects.toThrow(`${file} cannot be written`);
    expect(contentsOf(disk)).toEqual({ a: btoa('old') });
    writeProtect(ctx, disk);
    await expect(replaceFile(file, [Buffer.from('newer')])).rejects.toThrow(`${file} cannot be written`);
  });
});
