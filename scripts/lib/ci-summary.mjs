const countsLine = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/;

/**
 * The counts that a test run printed last.
 *
 * @param {string} output
 * @returns {{ passed: number, failed: number, skipped: number } | undefined} undefined if it printed none
 */
export function parseCounts(output) {
  const match = output
    .split(/\r?\n/)
    .map((line) => countsLine.exec(line))
    .filter((found) => found !== null)
    .pop();
  if (match === undefined) return undefined;
  return { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3] || 0) };
}

/**
 * The last line of CI: the test counts, and one more failed for a run that broke off and for a failed check.
 *
 * @param {string} output - of `npm test`
 * @param {number} testStatus
 * @param {number} checkStatus
 * @returns {{ line: string, status: number }}
 */
export function summarize(output, testStatus, checkStatus) {
  const counts = parseCounts(output);
  const { passed, failed, skipped } = counts || { passed: 0, failed: 0, skipped: 0 };
  const brokeOff = failed === 0 && (testStatus !== 0 || counts === undefined);
  const total = failed + Number(brokeOff) + Number(checkStatus !== 0);
  const line = `${passed} passed, ${total} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return { line, status: total === 0 ? 0 : 1 };
}
