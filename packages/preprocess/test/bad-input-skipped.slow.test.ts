import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepare } from '../src/index.ts';
import { header, useLogs } from './logs.ts';

const { written } = useLogs();

describe('prepare, on bad rows skip', () => {
  it('gives the line number of a bad row late in a large file', async () => {
    const rows = Array.from({ length: 300_000 }, (_, row) => `${row >> 1},i${row % 100},${row}\n`);
    rows[250_000] = 'short\n';
    rows[260_000] = '1,,5\n';
    const file = written(header + rows.join(''));
    const output = join(file, '..', 'out');
    await expect(prepare({ inputs: [file], output })).rejects.toMatchObject({ file, row: 250_002 });
    const report = await prepare({ inputs: [file], output, onBadRow: 'skip', minSessionLength: 1 });
    expect(report.badRows).toBe(2);
    expect(report.manifest.counts.splits.train?.events).toBe(300_000 - 2);
    const listed = readFileSync(join(output, 'bad-rows.tsv'), 'utf8').split('\n').slice(1, 3);
    expect(listed.map((line) => line.split('\t')[1])).toEqual(['250002', '260002']);
  });
});
