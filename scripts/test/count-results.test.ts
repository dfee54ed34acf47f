import { describe, expect, it } from 'vitest';
import { type CountedModule, countResults, formatCounts } from '../vitest/count-results.ts';

interface Fake {
  tests?: [state: string, note?: string][];
  fileErrors?: number;
  suiteErrors?: number;
}

function fakeModule({ tests = [], fileErrors = 0, suiteErrors = 0 }: Fake): CountedModule {
  return {
    relativeModuleId: 'test/a.test.ts',
    errors: () => new Array(fileErrors).fill('broken'),
    children: {
      allTests: () =>
        tests.map(([state, note], index) => ({ fullName: `test ${index}`, result: () => ({ state, note }) })),
      allSuites: () => [{ errors: () => new Array(suiteErrors).fill('broken') }],
    },
  };
}

describe('countResults', () => {
  it('counts tests by their state, over all files', () => {
    const modules = [
      fakeModule({ tests: [['passed'], ['failed']] }),
      fakeModule({ tests: [['passed'], ['passed']] }),
    ];
    expect(countResults(modules, [])).toEqual({ passed: 1 + 2, failed: 1, skipped: [] });
  });

  it('counts files, suites and rejections that break as failed', () => {
    const modules = [fakeModule({ fileErrors: 1 }), fakeModule({ tests: [['passed']], suiteErrors: 1 })];
    expect(countResults(modules, [new Error('unhandled')])).toEqual({
      passed: 1,
      failed: 1 + 1 + 1,
      skipped: [],
    });
  });

  it('names skipped tests with their reason', () => {
    const modules = [fakeModule({ tests: [['skipped', 'no Python'], ['skipped'], ['pending']] })];
    expect(countResults(modules, []).skipped).toEqual([
      { name: 'test/a.test.ts > test 0', reason: 'no Python' },
      { name: 'test/a.test.ts > test 1', reason: undefined },
      { name: 'test/a.test.ts > test 2', reason: 'the run ended before it' },
    ]);
  });
});

describe('formatCounts', () => {
  it('is one line when nothing is skipped', () => {
    expect(formatCounts({ passed: 3, failed: 1, skipped: [] })).toEqual(['3 passed, 1 failed']);
  });

  it('lists what is skipped before the line', () => {
    const skipped = [
      { name: 'a', reason: 'no Python' },
      { name: 'b', reason: undefined },
    ];
    const lines = ['Skipped:', '  a: no Python', '  b: no reason given', '', '3 passed, 0 failed, 2 skipped'];
    expect(formatCounts({ passed: 3, failed: 0, skipped })).toEqual(lines);
  });
});
