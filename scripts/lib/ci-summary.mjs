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
 * The last line of CI: the test counts of all runs, plus one failure for each run that broke off and for a failed
 * check.
 *
 * @param {readonly { output: string, status: number }[]} runs - of tests: what each printed, and its exit status
 * @param {number} checkStatus
 * @returns {{ line: string, status: number }}
 */
export function summarize(runs, checkStatus) {
  const sums = { passed: 0, failed: Number(checkStatus !== 0), skipped: 0 };
  for (const { output, status } of runs) {
    const counts = parseCounts(output) || { passed: 0, failed: 0, skipped: 0 };
    const ran = counts.passed + counts.failed + counts.skipped > 0;
    const brokeOff = counts.failed === 0 && (status !== 0 || !ran);
    sums.passed += counts.passed;
    sums.failed += counts.failed + Number(brokeOff);
    sums.skipped += counts.skipped;
  }
  const { passed, failed, skipped } = sums;
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return { line, status: failed === 0 ? 0 : 1 };
}
