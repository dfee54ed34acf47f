// ci-summary.mjs OUTPUT-FILE TEST-STATUS CHECK-STATUS: prints the last line of CI and exits with its status.
import { readFileSync } from 'node:fs';
import { summarize } from './lib/ci-summary.mjs';

const [outputFile, testStatus, checkStatus] = process.argv.slice(2);
const { line, status } = summarize(readFileSync(outputFile, 'utf8'), Number(testStatus), Number(checkStatus));
console.log(line);
process.exitCode = status;
