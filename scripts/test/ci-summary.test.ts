import { describe, expect, it } from 'vitest';
import { parseCounts, summarize } from '../lib/ci-summary.mjs';

describe('parseCounts', () => {
  it('takes the last line that stands alone', () => {
    const output =
      '1 passed, 9 failed\n  2 passed, 0 failed of a nested run\r\n5 passed, 1 failed, 2 skipped\n';
    expect(parseCounts(output)).toEqual({ passed: 5, failed: 1, skipped: 2 });
  });

  it('is undefined without such a line', () => {
    expect(parseCounts('Tests  5 passed (5)\n')).toBeUndefined();
  });
});

describe('summarize', () => {
  it('passes when the tests and the check do', () => {
    expect(summarize('5 passed, 0 failed\n', 0, 0)).toEqual({ line: '5 passed, 0 failed', status: 0 });
  });

  it('keeps the skipped tests', () => {
    expect(summarize('5 passed, 0 failed, 1 skipped\n', 0, 0).line).toBe('5 passed, 0 failed, 1 skipped');
  });

  it('counts a failed check as one failed', () => {
    expect(summarize('5 passed, 1 failed\n', 1, 2)).toEqual({ line: `5 passed, ${1 + 1} failed`, status: 1 });
  });

  it('counts a run that broke off as one failed', () => {
    expect(summarize('', 1, 0)).toEqual({ line: '0 passed, 1 failed', status: 1 });
  });

  it('fails when the tests printed no counts at all', () => {
    expect(summarize('', 0, 0)).toEqual({ line: '0 passed, 1 failed', status: 1 });
  });
});
