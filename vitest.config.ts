import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { SummaryReporter } from './scripts/vitest/summary-reporter.ts';

// The source condition runs packages from src, so tests need no build and cannot see a stale dist.
const conditions = ['@gru4rec/source', ...defaultServerConditions];

const all = ['{packages,apps}/*/test/**/*.test.ts', 'scripts/test/**/*.test.ts'];
const slow = ['{packages,apps}/*/test/**/*.slow.test.ts', 'scripts/test/**/*.slow.test.ts'];
const isolated = ['{packages,apps}/*/test/**/*.isolated.test.ts'];
const long = ['{packages,apps}/*/test/**/*.long.test.ts', 'scripts/test/**/*.long.test.ts'];

const fast = { testTimeout: 20_000 };
// Slow tests start processes and threads themselves, so only two files run at a time.
const heavy = { testTimeout: 300_000, maxWorkers: 2 };

export default defineConfig({
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    expect: { requireAssertions: true },
    // Engine auto would use the user's own GPU runtime. `_` names nohup if the tests run under it.
    env: { GRU4REC_CACHE: join(tmpdir(), 'gru4rec-no-such-cache'), _: '' },
    // By default, Vitest leaves one core idle, which is half of a machine with two cores.
    maxWorkers: '100%',
    globalSetup: ['scripts/vitest/build-kernels.ts'],
    setupFiles: ['scripts/vitest/fail-on-console.ts'],
    reporters: ['default', new SummaryReporter()],
    projects: [
      {
        extends: true,
        // Files that run in one process share the modules: importing them per file took two fifths of the time.
        test: {
          ...fast,
          name: 'fast',
          include: all,
          exclude: [...slow, ...long, ...isolated],
          isolate: false,
        },
      },
      { extends: true, test: { ...fast, name: 'fast-isolated', include: isolated } },
      { extends: true, test: { ...heavy, name: 'slow', include: slow, sequence: { groupOrder: 1 } } },
      { extends: true, test: { ...heavy, name: 'long', include: long, sequence: { groupOrder: 2 } } },
    ],
  },
});
