import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runHere } from './run-trainer.ts';
import { contentsOf, fill, smallDisk, writeProtect } from './small-disk.ts';
import { trainTiny, useTinyShop } from './tiny-shop.ts';

const folder = useTinyShop();
const lastLine = (stderr: string) => stderr.trimEnd().split('\n').at(-1);
const prepareInto = (output: string) =>
  runHere(folder(), 'prepare', '--input', 'clicks.tsv', '--output', output, '--overwrite');
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
