import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '@gru4rec/durable-files';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Outcome, runHere } from './run-trainer.ts';
import { contentsOf, fill, smallDisk, writeProtect } from './small-disk.ts';
import { trainTiny, useTinyShop } from './tiny-shop.ts';

const folder = useTinyShop();
beforeAll(async () => {
  const space = { learningRate: { type: 'uniform', low: 0.1, high: 0.2 } };
  writeFileSync(join(folder(), 'space.json'), JSON.stringify(space));
  const validated = ['--input', 'clicks.tsv', '--output', 'validated', '--validation', '2d'];
  const { code, stderr } = await runHere(folder(), 'prepare', ...validated);
  if (code !== 0) throw new Error(stderr);
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

describe('trainer on a full disk', () => {
  it('prepare says so and leaves nothing', async (ctx) => {
    const disk = smallDisk(ctx, 16);
    const { code, stderr } = await prepareInto(join(disk, 'data'));
    expect({ code, line: lastLine(stderr) }).toEqual({
      code: 1,
      line: expect.stringContaining(`got a full disk, at ${disk}. Free some or choose another disk`),
    });
    expect(readdirSync(disk)).toEqual([]);
  });

  it('prepare keeps an older dataset', async (ctx) => {
    const disk = smallDisk(ctx, 1024);
    expect((await prepareInto(join(disk, 'data'))).code).toBe(0);
    fill(disk);
    const before = contentsOf(disk);
    expect((await prepareInto(join(disk, 'data'))).code).toBe(1);
    expect(contentsOf(disk)).toEqual(before);
  });

  it('train says so and leaves nothing', async (ctx) => {
    const disk = smallDisk(ctx, 8);
    const { code, stderr } = await trainTiny(folder(), join(disk, 'model'));
    expect({ code, line: lastLine(stderr) }).toEqual({
      code: 1,
      line: `${join(disk, 'model')} cannot be written: ENOSPC: no space left on device, write`,
    });
    expect(readdirSync(disk)).toEqual([]);
  });

  it('train keeps an older model, and replaces it once there is space', async (ctx) => {
    const disk = smallDisk(ctx, 256);
    const model = join(disk, 'model');
    expect((await trainTiny(folder(), model)).code).toBe(0);
    const filler = fill(disk);
    const before = contentsOf(disk);
    expect((await trainTiny(folder(), model, '--set', 'seed=9', '--overwrite')).code).toBe(1);
    expect(contentsOf(disk)).toEqual(before);
    rmSync(filler);
    expect((await trainTiny(folder(), model, '--set', 'seed=9', '--overwrite')).code).toBe(0);
    expect(contentsOf(model)['model.safetensors']).not.toBe(before[join('model', 'model.safetensors')]);
  });

  it('compare says so and keeps an older report', async (ctx) => {
    const disk = smallDisk(ctx, 2048);
    const report = join(disk, 'report');
    expect((await compareInto(report)).code).toBe(0);
    fill(disk);
    const before = contentsOf(disk);
    const { code, stderr } = await compareInto(report);
    expect({ code, line: lastLine(stderr) }).toEqual({
      code: 1,
      line: expect.stringMatching(/report\.html cannot be written: ENOSPC: no space left on device, write$/),
    });
    expect(contentsOf(disk)).toEqual(before);
  });

  it('demo says so and names the folder', async (ctx) => {
    const disk = smallDisk(ctx, 16);
    const { code, stderr } = await runHere(
      folder(),
      'demo',
      '--directory',
      join(disk, 'demo'),
      '--events',
      '3000',
    );
    expect({ code, line: lastLine(stderr) }).toEqual({
      code: 1,
      line: `${join(disk, 'demo', 'clicks.tsv')} cannot be written: ENOSPC: no space left on device, write`,
    });
    expect(readdirSync(join(disk, 'demo'))).toEqual([]);
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

const commands: [string, (disk: string) => Promise<Outcome>, RegExp][] = [
  ['prepare', (disk) => prepareInto(join(disk, 'data')), /(writable folder|cannot be locked).*: EROFS/],
  [
    'train',
    (disk) => trainTiny(folder(), join(disk, 'model')),
    /(is not writable|cannot be locked).*: EROFS/,
  ],
  ['tune', (disk) => tuneInto(join(disk, 'study')), /^The study cannot be written in .*: EROFS/],
  [
    'demo',
    (disk) => runHere(folder(), 'demo', '--directory', join(disk, 'demo')),
    /^The demo cannot be written in .*: EROFS/,
  ],
  ['compare', (disk) => compareInto(join(disk, 'report')), /^The report cannot be written in .*: EROFS/],
];

describe('trainer on a read-only disk', () => {
  it.for(commands)('%s says so before any work', async ([, command, message], ctx) => {
    const disk = smallDisk(ctx, 64);
    writeProtect(ctx, disk);
    const { code, stderr } = await command(disk);
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
