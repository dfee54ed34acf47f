import { resolve } from 'node:path';
import { runPeersCommand } from './command.ts';

process.exitCode = await runPeersCommand(process.argv.slice(2), {
  resolvePath: (path) => resolve(process.env.INIT_CWD ?? process.cwd(), path),
  print: (text) => process.stdout.write(`${text}\n`),
  complain: (text) => process.stderr.write(`${text}\n`),
});
