#!/usr/bin/env node
import { runCli } from './cli.ts';
import { watchOutput } from './watch-output.ts';

const { stdout, stderr } = process;
watchOutput({ stdout, stderr }, (code) => process.exit(code));
process.exitCode = await runCli(process.argv.slice(2), {
  stdout,
  stderr,
  // pnpm and npm run a script in its package's folder and say in INIT_CWD where the user stands.
  directory: process.env['INIT_CWD'] || process.cwd(),
});
