import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { writeFiles } from '../src/atomic-files.ts';
import { ModelError } from '../src/model-error.ts';

let folder = '';
beforeEach(() => {
  const made = mkdtempSync(join(tmpdir(), 'gru4rec-files-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  folder = made;
});
const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = (name: string) => readFileSync(join(folder, name), 'utf8');

describe('writeFiles', () => {
  it('writes files in pieces, into a folder that it makes, over older ones', async () => {
    const [a, b] = ['a', 'b'].map((name) => join(folder, 'new', name)) as [string, string];
    await writeFiles({ [a]: [bytes('old')], [b]: [] });
    await writeFiles({ [a]: [bytes('one '), bytes('two')], [b]: [bytes('three')] });
    expect([textOf('new/a'), textOf('new/b')]).toEqual(['one two', 'three']);
    expect(readdirSync(join(folder, 'new')).sort()).toEqual(['a', 'b']);
  });

  it('leaves older files as they were where one cannot be made, and nothing half-written', async () => {
    const [a, b] = [join(folder, 'a'), join(folder, 'b')];
    await writeFiles({ [a]: [bytes('old')] });
    const failing = {
      *[Symbol.iterator]() {
        yield bytes('half');
        throw new Error('no more');
      },
    };
    const error = await writeFiles({ [a]: [bytes('new')], [b]: failing }).catch((cause) => cause);
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({ message: `${b} cannot be written`, cause: { message: 'no more' } });
    expect([readdirSync(folder), textOf('a')]).toEqual([['a'], 'old']);
  });

  it('names a file whose place is taken by a folder', async () => {
    const taken = join(folder, 'taken');
    mkdirSync(join(taken, 'in'), { recursive: true });
    await expect(writeFiles({ [taken]: [bytes('x')] })).rejects.toThrow(`${taken} cannot be written`);
    expect(readdirSync(folder)).toEqual(['taken']);
  });

  it('removes what a killed process left', async () => {
    const leftover = join(
      folder,
      `.a.999999999@${hostname()
        .replace(/[^\w.-]/g, '')
        .slice(0, 40)}.abcdef`,
    );
    mkdirSync(join(leftover, 'whole'), { recursive: true });
    writeFileSync(join(leftover, 'whole', 'a'), 'half');
    await writeFiles({ [join(folder, 'a')]: [bytes('x')] });
    expect(readdirSync(folder)).toEqual(['a']);
  });
});
