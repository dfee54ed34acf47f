import { expect, it } from 'vitest';
import type { TestModule } from 'vitest/node';
import { summaryOf } from '../vitest/summary-reporter.ts';

interface Fake {
  tests?: [state: string, note?: string][];
  fileErrors?: number;
  suiteErrors?: number;
}

function fakeModule({ tests = [], fileErrors = 0, suiteErrors = 0 }: Fake): TestModule {
  return {
    relativeModuleId: 'test/a.test.ts',
    errors: () => new Array(fileErrors).fill('broken'),
    children: {
      allTests: () =>
        tests.map(([state, note], index) => ({ fullName: `test ${index}`, result: () => ({ state, note }) })),
      allSuites: () => [{ errors: () => new Array(suiteErrors).fill('broken') }],
    },
  } as unknown as TestModule;
}

const passing = fakeModule({ tests: [['passed'], ['passed']] });

it('the summary counts tests over all files, and files, suites, rejections and setups that break as failed', () => {
  const modules = [fakeModule({ tests: [['passed'], ['failed']] }), passing];
  expect(summaryOf(modules, [], true)).toEqual(['3 passed, 1 failed']);
  const broken = fakeModule({ fileErrors: 1, suiteErrors: 1 });
  expect(summaryOf([broken, passing], [new Error('unhandled')], true)).toEqual(['2 passed, 3 failed']);
  expect(summaryOf([passing], [], true)).toEqual(['2 passed, 1 failed']);
});

it('the summary lists skipped tests with their reason before its line', () => {
  const tests: Fake['tests'] = [['skipped', 'no Python'], ['skipped'], ['pending']];
  expect(summaryOf([fakeModule({ tests }), passing], [], false)).toEqual([
    'Skipped:',
    '  test/a.test.ts > test 0: no Python',
    '  test/a.test.ts > test 1: no reason given',
    '  test/a.test.ts > test 2: the run ended before it',
    '',
    '2 passed, 0 failed, 3 skipped',
  ]);
});
