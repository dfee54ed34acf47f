import { resolve } from 'node:path';
import { runCudaPackCommand } from './command.ts';

process.exitCode = await runCudaPackCommand(process.argv.slice(2), {
  resolvePath: (path) => resolve(process.env.INIT_CWD ?? process.cwd(), path),
  print: (line) => process.stdout.write(`${line}\n`),
  complain: (line) => process.stderr.write(`${line}\n`),
});
