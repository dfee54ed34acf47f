import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockOutput } from '@gru4rec/durable-files';
import { describe, expect, it } from 'vitest';
import { makeFolder, runHere } from '../run-trainer.ts';

describe('trainer prepare', () => {
  it('refuses an output that another run is writing, with exit code 1, and does not touch it', async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'log.csv'), 'SessionId,ItemId,Time\n1,a,1\n1,b,2\n');
    const command = ['prepare', '--input', 'log.csv', '--output', 'data'];
    const unlock = lockOutput(join(folder, 'data'), 'prepare');
    const { code, stderr } = await runHere(folder, ...command);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringMatching(
        /^The output .*data is being written by process \d+ \(prepare, since .*\)\. Wait for it to finish, or name another output\n$/,
      ),
    });
    unlock();
    expect((await runHere(folder, ...command)).code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(['data', 'log.csv']);
  });
});
