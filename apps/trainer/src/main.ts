#!/usr/bin/env node
import { runCli } from './cli.ts';

process.exitCode = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  // pnpm and npm run a script in its package's folder and say in INIT_CWD where the user stands.
  directory: process.env['INIT_CWD'] || process.cwd(),
});
