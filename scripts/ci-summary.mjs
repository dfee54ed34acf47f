// ci-summary.mjs CHECK-STATUS (OUTPUT-FILE STATUS)...: prints the last line of CI and exits with its status.
import { readFileSync } from 'node:fs';
import { summarize } from './lib/ci-summary.mjs';

const [checkStatus, ...rest] = process.argv.slice(2);
const runs = [];
for (let at = 0; at < rest.length; at += 2) {
  runs.push({ output: readFileSync(rest[at], 'utf8'), status: Number(rest[at + 1]) });
}
const { line, status } = summarize(runs, Number(checkStatus));
console.log(line);
process.exitCode = status;
