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
  it('passes when the tests and the check do', () => {
    const runs = [{ output: '5 passed, 0 failed\n', status: 0 }];
    expect(summarize(runs, 0)).toEqual({ line: '5 passed, 0 failed', status: 0 });
  });

  it('adds up the runs, with the skipped tests', () => {
    const runs = [
      { output: '5 passed, 0 failed, 1 skipped\n', status: 0 },
      { output: '7 passed, 2 failed\n', status: 1 },
    ];
    expect(summarize(runs, 0)).toEqual({ line: `${5 + 7} passed, 2 failed, 1 skipped`, status: 1 });
  });

  it('counts a failed check as one failed', () => {
    const runs = [{ output: '5 passed, 1 failed\n', status: 1 }];
    expect(summarize(runs, 2)).toEqual({ line: `5 passed, ${1 + 1} failed`, status: 1 });
  });

  it('counts each run that broke off as one failed', () => {
    const runs = [
      { output: '', status: 1 },
      { output: '5 passed, 0 failed\n', status: 1 },
    ];
    expect(summarize(runs, 0)).toEqual({ line: `5 passed, ${1 + 1} failed`, status: 1 });
  });

  it('fails when the tests printed no counts, or counted none', () => {
    expect(summarize([{ output: '', status: 0 }], 0)).toEqual({ line: '0 passed, 1 failed', status: 1 });
    expect(summarize([{ output: '0 passed, 0 failed\n', status: 0 }], 0).status).toBe(1);
  });
});
