import { resolve } from 'node:path';
import { runBenchmark } from './command.ts';
import { loadProblem } from './environment.ts';

process.exitCode = await runBenchmark(process.argv.slice(2), {
  resolvePath: (path) => resolve(process.env.INIT_CWD ?? process.cwd(), path),
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
  loadProblem,
});
