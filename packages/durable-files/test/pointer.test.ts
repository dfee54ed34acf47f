import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { followPointer, pointTo } from '../src/index.ts';
import { testFolder } from './folder.ts';

it('names one folder after another, and leaves other paths as they are', async () => {
  const folder = testFolder();
  const file = join(folder, 'current');
  for (const name of ['2026-11-29T0200Z', '2026-11-30T0200Z']) {
    mkdirSync(join(folder, name));
    await pointTo(file, name);
    expect(followPointer(file)).toBe(join(folder, name));
  }
  expect(readFileSync(file, 'utf8')).toBe('2026-11-30T0200Z\n');
  expect(readdirSync(folder).sort()).toEqual(['2026-11-29T0200Z', '2026-11-30T0200Z', 'current']);
  expect(followPointer(folder)).toBe(folder);
  expect(followPointer(join(folder, 'none'))).toBe(join(folder, 'none'));
});

it.each(['../other\n', '..\n', '/etc\n', '\n', '{"model": 1}\n'])('refuses %j as a name', (text) => {
  const file = join(testFolder(), 'current');
  writeFileSync(file, text);
  expect(() => followPointer(file)).toThrow(/current expected the name of a folder beside it, got /);
});
