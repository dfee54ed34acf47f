import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDataset } from '@gru4rec/sessions';
import { afterAll, describe, expect, it } from 'vitest';
import { writeSessionLog } from '../src/session-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'benchmark-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('writeSessionLog', () => {
  it('writes a sound dataset in order of time, the same each time', async () => {
    const checksums: string[] = [];
    for (const name of ['one', 'two']) {
      await writeSessionLog(join(folder, name), 100_000);
      const { train, itemIds, manifest, close } = await openDataset(join(folder, name));
      expect([train.inTimeOrder, itemIds.length]).toEqual([true, 27_000]);
      expect(train.blocks[0]?.sessions).toBe(Math.ceil(100_000 / 7));
      expect((train.blocks[0]?.events ?? 0) / 100_000).toBeCloseTo(1, 1);
      checksums.push(manifest.checksum);
      await close();
    }
    expect(checksums[1]).toBe(checksums[0]);
  });
});
