#!/usr/bin/env node
import { runCli } from './cli.ts';
import { stayUnderNohup } from './terminal/leave-on-signal.ts';
import { userDirectory, wantsStacks } from './terminal/surroundings.ts';
import { watchErrors } from './terminal/watch-errors.ts';
import { watchOutput } from './terminal/watch-output.ts';

const { stdout, stderr } = process;
const streams = { stdout, stderr, directory: userDirectory(), debug: wantsStacks() };
const leave = (code: number) => process.exit(code);
stayUnderNohup();
watchOutput(streams, leave);
watchErrors(process, streams, leave);
process.exitCode = await runCli(process.argv.slice(2), streams);
