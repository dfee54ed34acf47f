import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { testFolder } from '../folder.ts';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const program = fileURLToPath(new URL('log-damage-program.ts', import.meta.url));
const folder = testFolder();

describe('openStudyFile, with a log damaged at many places', () => {
  it.each([11, 12, 13, 14])('is clear, seed %d', (seed) => {
    const flags = ['--import', tsx, '--conditions=@gru4rec/source'];
    const argv = [...flags, program, join(folder, `study-${seed}`), '1000', String(seed)];
    const { status, signal, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8' });
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ unclear: [] });
  });
});
