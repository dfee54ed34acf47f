import { fileURLToPath } from 'node:url';
import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

const conditions = ['@gru4rec/source', ...defaultServerConditions];

/** For a process that has AddressSanitizer loaded, which address-sanitizer.long.test.ts starts. */
export default defineConfig({
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    root: fileURLToPath(new URL('.', import.meta.url)),
    include: ['programs.check.ts'],
    testTimeout: 300_000,
    expect: { requireAssertions: true },
    reporters: ['dot'],
  },
});
