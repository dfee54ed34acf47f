// What suites import from Vitest, for a page; `bundlePage` resolves `vitest` to this file. Vitest itself needs its server.
import { chai, JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';

export { afterAll, beforeAll, describe, it } from '@vitest/runner';

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);

/** As Vitest's. */
export const expect: typeof chai.expect = chai.expect;
