// ci-summary.mjs CHECK-STATUS (OUTPUT-FILE STATUS)...: prints the last line of CI and exits with its status. It adds up the
// counts that each run of tests printed last, plus one failure per run that broke off and for a failed check.
import { readFileSync } from 'node:fs';

const [checkStatus, ...runs] = process.argv.slice(2);
let [passed, failed, skipped] = [0, checkStatus === '0' ? 0 : 1, 0];
for (let at = 0; at < runs.length; at += 2) {
  const [output, status] = [readFileSync(runs[at], 'utf8'), runs[at + 1]];
  const last = [...output.matchAll(/^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\r?$/gm)].pop() ?? [];
  const [ran, broken, left] = last.slice(1).map((count) => Number(count ?? 0));
  const brokeOff = !broken && (status !== '0' || !(ran || left));
  passed += ran ?? 0;
  failed += (broken ?? 0) + Number(brokeOff);
  skipped += left ?? 0;
}
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = failed === 0 ? 0 : 1;
