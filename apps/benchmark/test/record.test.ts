import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { recordRun } from '../src/record.ts';
import { comparison, emptyRun } from './rows.ts';

it('adds runs to the section of their day and machine, the newest section first', () => {
  const folder = mkdtempSync(join(tmpdir(), 'benchmark-record-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const page = join(folder, 'RESULTS.md');
  writeFileSync(page, '# Results\n\n### Other\n\n## Speed\n\nMedians.\n\n### 2026-01-01-amd\n\nOld.\n');
  const run = (command: string) => recordRun({ ...emptyRun, command, comparisons: [comparison] }, page);
  expect(run('one')).toBe('recorded in 2026-01-02-amd-epyc-2-cores of RESULTS.md');
  run('two');
  const lines = readFileSync(page, 'utf8').split('\n');
  expect(lines.filter((line) => /^(#|`|[A-Z])/.test(line) && !line.startsWith('Peers'))).toEqual([
    ...['# Results', '### Other', '## Speed', 'Medians.', '### 2026-01-02-amd-epyc-2-cores', '`one`'],
    'AMD EPYC, 2 cores, linux x64, Node v20.19.0, commit abcdef0, 2026-01-02, load 0.25',
    '`two`',
    'AMD EPYC, 2 cores, linux x64, Node v20.19.0, commit abcdef0, 2026-01-02, load 0.25',
    ...['### 2026-01-01-amd', 'Old.'],
  ]);
  expect(lines.map((line) => line.replace(/ +/g, ' '))).toContain(
    '| epoch | cross-entropy, 100 units | events/s | 30.0 (28.0–33.0) | 10.0 (9.00–11.0) cornac, 1 thread | **3.00** (2.90–3.10) | ≥ 2×: reached |',
  );
});
