import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildFolder } from '../../src/set-up/building-folder.ts';
import { makeFolder } from '../fake-runtime.ts';

async function write(result: string, text: string): Promise<string> {
  mkdirSync(result);
  writeFileSync(join(result, 'text'), text);
  return text;
}
const textOf = (folder: string) => readFileSync(join(folder, 'built', 'text'), 'utf8');

describe('buildFolder', () => {
  it('puts the result in its place and leaves nothing else', async () => {
    const folder = makeFolder();
    const build = async (result: string, scratch: string) => {
      mkdirSync(scratch);
      expect(readdirSync(folder)).not.toContain('built');
      return write(result, 'one');
    };
    expect(await buildFolder(folder, 'built', build)).toBe('one');
    expect(readdirSync(folder)).toEqual(['built']);
    expect(textOf(folder)).toBe('one');
  });

  it('leaves everything as it was when the build fails', async () => {
    const folder = makeFolder();
    await buildFolder(folder, 'built', (result) => write(result, 'one'));
    const failing = buildFolder(folder, 'built', async (result) => {
      await write(result, 'two');
      throw new Error('no compiler');
    });
    await expect(failing).rejects.toThrow('no compiler');
    expect(readdirSync(folder)).toEqual(['built']);
    expect(textOf(folder)).toBe('one');
  });

  it('replaces what is there', async () => {
    const folder = makeFolder();
    for (const text of ['one', 'two']) await buildFolder(folder, 'built', (result) => write(result, text));
    expect(textOf(folder)).toBe('two');
    expect(readdirSync(folder)).toEqual(['built']);
  });

  it('serves two at once', async () => {
    const folder = makeFolder();
    const build = (text: string) =>
      buildFolder(folder, 'built', async (result) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        return write(result, text);
      });
    expect(await Promise.all([build('same'), build('same')])).toEqual(['same', 'same']);
    expect(readdirSync(folder)).toEqual(['built']);
    expect(textOf(folder)).toBe('same');
  });

  it('removes what a killed builder left, and no other’s', async () => {
    const folder = makeFolder();
    const { pid: dead } = spawnSync(process.execPath, ['--version']);
    const host = hostname().replace(/[^\w.]/g, '_');
    const [left, running, elsewhere] = [
      `${host}-${dead}-x`,
      `${host}-${process.ppid}-x`,
      `other.host-${dead}-x`,
    ];
    for (const name of [left, running, elsewhere]) mkdirSync(join(folder, `.building-${name}`));
    await buildFolder(folder, 'built', (result) => write(result, 'one'));
    const expected = [`.building-${running}`, `.building-${elsewhere}`, 'built'].sort();
    expect(readdirSync(folder).sort()).toEqual(expected);
  });
});
