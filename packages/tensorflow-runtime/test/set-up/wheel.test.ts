import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SetUpError } from '../../src/set-up/set-up-error.ts';
import { hashFile, Wheel } from '../../src/set-up/wheel.ts';
import { makeFolder } from '../fake-runtime.ts';
import { wheel, zip } from './fake-tools.ts';

const files = {
  'a/b.so': 'library',
  'a/c, d.h': 'header',
  'e.txt': 'text',
  'x.dist-info/METADATA': 'Name: x\n',
};

async function open(bytes: Buffer): Promise<{ opened: Wheel; folder: string }> {
  const folder = makeFolder();
  writeFileSync(join(folder, 'x.whl'), bytes);
  const opened = await Wheel.open(join(folder, 'x.whl'));
  onTestFinished(() => opened.close());
  return { opened, folder };
}

describe('Wheel', () => {
  it('unpacks the selected files to the given paths', async () => {
    const { opened, folder } = await open(wheel('x', files));
    const count = await opened.extract(folder, (path) => (path.startsWith('a/') ? `to/${path}` : undefined));
    expect(count).toBe(2);
    expect(readFileSync(join(folder, 'to/a/b.so'), 'utf8')).toBe('library');
    expect(readFileSync(join(folder, 'to/a/c, d.h'), 'utf8')).toBe('header');
    expect(existsSync(join(folder, 'to/e.txt'))).toBe(false);
    expect(await opened.readInfo('METADATA')).toBe('Name: x\n');
  });

  it('refuses a file whose hash differs from RECORD', async () => {
    const { opened, folder } = await open(wheel('x', files, { ...files, 'a/b.so': 'another' }));
    const hash = (text: string) => createHash('sha256').update(text).digest('base64url');
    await expect(opened.extract(folder, (path) => path)).rejects.toThrow(
      new SetUpError(
        `setUpTensorFlow: wheel x.whl: expected SHA-256 ${hash('another')} of a/b.so, got ${hash('library')}. Set it up again.`,
      ),
    );
  });

  it('refuses a file that RECORD does not name, and a wheel without RECORD', async () => {
    const { opened, folder } = await open(wheel('x', files, { 'e.txt': 'text' }));
    await expect(opened.extract(folder, (path) => path)).rejects.toThrow(
      'wheel x.whl: expected a hash of a/b.so in RECORD, got none',
    );
    const without = await open(zip(files));
    await expect(without.opened.extract(folder, (path) => path)).rejects.toThrow(
      'wheel x.whl: expected a file RECORD, got none',
    );
  });

  it('refuses a file that is not a wheel, or is damaged', async () => {
    await expect(open(Buffer.from('no archive'))).rejects.toThrow(
      'x.whl expected a wheel, got another kind of file',
    );
    const bytes = wheel('x', files);
    bytes.fill(0xff, 36, 42);
    const { opened, folder } = await open(bytes);
    await expect(opened.extract(folder, (path) => path)).rejects.toThrow(SetUpError);
  });

  it('refuses a path outside of the folder', async () => {
    await expect(open(zip({ '../evil': 'x' }))).rejects.toThrow('the wheel x.whl is damaged');
  });
});

describe('hashFile', () => {
  it('returns the SHA-256 of a file', async () => {
    const file = join(makeFolder(), 'abc');
    writeFileSync(file, 'abc');
    expect(await hashFile(file)).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});
