import { fileURLToPath } from 'node:url';
import { loadProblem } from '../environment.ts';
import { runCiCommand } from './command.ts';
import { ciRows } from './rows.ts';

process.exitCode = await runCiCommand(process.argv.slice(2), {
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
  loadProblem,
  rows: ciRows,
  baselineFile: fileURLToPath(new URL('../../ci-baseline.json', import.meta.url)),
});
