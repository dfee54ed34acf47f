import { describe, expect, it } from 'vitest';
import { parseCounts, summarize } from '../lib/ci-summary.mjs';

describe('parseCounts', () => {
  it('uses the last line with only counts', () => {
    const output =
      '1 passed, 9 failed\n  2 passed, 0 failed of a nested run\r\n5 passed, 1 failed, 2 skipped\n';
    expect(parseCounts(output)).toEqual({ passed: 5, failed: 1, skipped: 2 });
  });

  it('is undefined without such a line', () => {
    expect(parseCounts('Tests  5 passed (5)\n')).toBeUndefined();
  });
});

describe('summarize', () => {
  const run = (output: string, status = 0) => ({ output, status });
  const passed = run('5 passed, 0 failed\n');
  it.each([
    ['passes when the tests and the check do', [passed], 0, '5 passed, 0 failed', 0],
    [
      'adds up the runs, with the skipped tests',
      [run('5 passed, 0 failed, 1 skipped\n'), run('7 passed, 2 failed\n', 1)],
      0,
      '12 passed, 2 failed, 1 skipped',
      1,
    ],
    ['counts a failed check as one failed', [run('5 passed, 1 failed\n', 1)], 2, '5 passed, 2 failed', 1],
    [
      'counts each run that broke off as one failed',
      [run('', 1), { ...passed, status: 1 }],
      0,
      '5 passed, 2 failed',
      1,
    ],
    ['fails when the tests printed no counts', [run('')], 0, '0 passed, 1 failed', 1],
    ['fails when they counted none', [run('0 passed, 0 failed\n')], 0, '0 passed, 1 failed', 1],
  ])('%s', (_, runs, check, line, status) => {
    expect(summarize(runs, check)).toEqual({ line, status });
  });
});
