#!/usr/bin/env node
import { runCli } from './cli.ts';
import { stayUnderNohup } from './leave-on-signal.ts';
import { userDirectory } from './surroundings.ts';
import { watchOutput } from './watch-output.ts';

const { stdout, stderr } = process;
stayUnderNohup();
watchOutput({ stdout, stderr }, (code) => process.exit(code));
process.exitCode = await runCli(process.argv.slice(2), { stdout, stderr, directory: userDirectory() });
