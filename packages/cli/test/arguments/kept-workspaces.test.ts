import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeFolder, runHere } from '../run-trainer.ts';

const fromPackage = new URL('../../../../packages/durable-files/src/index.ts', import.meta.url);
const native = createRequire(fromPackage)('fs-native-extensions') as { tryLock: () => boolean };
const command = ['prepare', '--input', 'log.csv', '--output', 'data'];

function folderWithLog(): string {
  const folder = makeFolder();
  writeFileSync(join(folder, 'log.csv'), 'SessionId,ItemId,Time\n1,a,1\n1,b,2\n');
  return folder;
}

describe('the possible leftovers of a killed run', () => {
  it('are kept and reported in one line if they may be in use', async () => {
    const folder = folderWithLog();
    mkdirSync(join(folder, '.data.unlocked-aaaaaa'));
    mkdirSync(join(folder, '.data.work-aaaaaa'));
    const { code, stderr } = await runHere(folder, ...command);
    expect(code).toBe(0);
    const warnings = stderr.split('\n').filter((line) => line.startsWith('Warning'));
    const path = join(folder, '.data.unlocked-aaaaaa');
    expect(warnings).toEqual([
      `Warning: ${path} may be a leftover of a killed run (the run that made it could not lock files). If no run writes ${join(folder, 'data')}, remove it`,
    ]);
    expect(readdirSync(folder).sort()).toEqual(['.data.unlocked-aaaaaa', 'data', 'log.csv']);
  });

  it('are kept if files cannot be locked, with a warning', async () => {
    const folder = folderWithLog();
    const { tryLock } = native;
    native.tryLock = () => {
      throw new Error('ENOLCK: no locks available');
    };
    onTestFinished(() => {
      native.tryLock = tryLock;
    });
    mkdirSync(join(folder, '.data.work-aaaaaa'));
    writeFileSync(join(folder, '.data.work-aaaaaa', 'lock'), '');
    const { code, stderr } = await runHere(folder, ...command);
    expect(code).toBe(0);
    expect(stderr).toContain(
      `Warning: files beside ${join(folder, 'data')} cannot be locked (ENOLCK: no locks available): a second run could write it at the same time`,
    );
    expect(stderr).toContain(
      `Warning: ${join(folder, '.data.work-aaaaaa')} may be a leftover of a killed run (ENOLCK`,
    );
    expect(readdirSync(folder).sort()).toEqual(['.data.work-aaaaaa', 'data', 'log.csv']);
  });
});
