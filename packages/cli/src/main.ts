#!/usr/bin/env node
import { runCli } from './cli.ts';
import { userDirectory, wantsStacks } from './terminal/invocation.ts';
import { stayUnderNohup, watchErrors, watchOutput } from './terminal/leave-on-signal.ts';

const { stdout, stderr } = process;
const streams = { stdout, stderr, directory: userDirectory(), debug: wantsStacks() };
const leave = (code: number) => process.exit(code);
stayUnderNohup();
watchOutput(streams, leave);
watchErrors(process, streams, leave);
process.exitCode = await runCli(process.argv.slice(2), streams);
