import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder, ok } from '../run-trainer.ts';

const readJson = (path: string | URL) => JSON.parse(readFileSync(path, 'utf8'));

describe('trainer demo', () => {
  it('trains by configs/demo.json, shows a command that works and init, and runs again', async () => {
    const folder = makeFolder();
    const demo = 'demo --events 1000 --directory shop';
    const { stdout } = await ok(folder, demo);
    const { $schema, ...shown } = readJson(new URL('../../configs/demo.json', import.meta.url));
    expect($schema).toContain('configuration.json');
    expect(readJson(join(folder, 'shop', 'model', 'model.json')).config).toMatchObject({ ...shown, seed: 1 });
    expect(stdout).toContain('\n  trainer init clicks.csv\n  trainer prepare\n  trainer train\n');
    const [, line = ''] = /^ {2}trainer (recommend shop\/model .*)$/m.exec(stdout) ?? [];
    expect((await ok(folder, line)).stdout).toContain('│ 5 │');
    expect((await ok(folder, demo)).stdout).toBe(stdout);
  });
});
