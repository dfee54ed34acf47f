import type { TestContext } from 'vitest';

/** The usual id of the user `nobody`. */
const NOBODY = 65534;

/**
 * Does some work as a user whom permissions apply to: root becomes nobody meanwhile. Skips the test with its reason if
 * permissions cannot be tested.
 */
export async function asOrdinaryUser<T>(ctx: TestContext, work: () => Promise<T>): Promise<T> {
  const { geteuid, seteuid } = process;
  if (!geteuid || !seteuid) return ctx.skip('no user numbers on this system');
  if (geteuid() !== 0) return work();
  try {
    seteuid(NOBODY);
  } catch {
    ctx.skip('the system does not let root be anybody else');
  }
  try {
    return await work();
  } finally {
    seteuid(0);
  }
}
