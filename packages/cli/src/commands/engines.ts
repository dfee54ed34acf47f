import type { Argv } from 'yargs';
import { runtimePlaces } from '../arguments/engines.ts';
import { type EngineState, listEngines } from '../engines/index.ts';
import { describeError } from '../terminal/describe-error.ts';
import { commandLine, programName } from '../terminal/invocation.ts';
import { readVersion } from '../version.ts';
import type { Command } from './command.ts';

export const enginesCommand: Command = {
  builder: describeOptions,
  handler(_, { stdout }) {
    stdout.write(listEngines(runtimePlaces()).map(describe).join(''));
  },
};

function describeOptions(yargs: Argv) {
  return yargs
    .usage('$0 engines\n\nTries every engine, native ones in separate processes, and shows which run here.')
    .example('$0 engines', '');
}

function describe({ name, available, version, device, problem, setup }: EngineState): string {
  const command = setup && commandLine(['setup', ...setup], programName());
  const advice = command === undefined ? '' : `. To change that: ${command}`;
  const reason = typeof problem === 'object' ? describeError(problem) : problem;
  const state = available ? `runs: ${device} (${version ?? readVersion()})` : `does not run: ${reason}`;
  return `${name.padEnd(12)}${state}${advice}\n`;
}
