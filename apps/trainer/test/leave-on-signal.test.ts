import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeFolder } from './run-trainer.ts';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const packageFolder = fileURLToPath(new URL('..', import.meta.url));

/** Ends `prepare` by a signal as soon as it reads. */
function interruptPrepare(folder: string): Promise<number | null> {
  const main = ['--conditions=@gru4rec/source', `--import=${tsx}`, 'src/main.ts'];
  const child = spawn(process.execPath, [...main, 'prepare', '--input', 'log.csv', '--output', 'data'], {
    cwd: packageFolder,
    env: { ...process.env, INIT_CWD: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.once('data', () => child.kill('SIGINT'));
  return new Promise((resolve, reject) => child.on('close', resolve).on('error', reject));
}

describe('leaveOnSignal', () => {
  it('lets prepare remove what is half-written', async (ctx) => {
    if (process.platform === 'win32') ctx.skip('no SIGINT for a child on Windows');
    const folder = makeFolder();
    const rows = Array.from({ length: 300_000 }, (_, row) => `${row >> 2},${row % 999},${row}`);
    writeFileSync(join(folder, 'log.csv'), ['SessionId,ItemId,Time', ...rows].join('\n'));
    expect(await interruptPrepare(folder)).toBe(130);
    expect(readdirSync(folder)).toEqual(['log.csv']);
  });
});
