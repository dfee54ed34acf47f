import { runtimePlaces } from '../arguments/engines.ts';
import type { Command } from '../arguments/options.ts';
import { type EngineState, listEngines } from '../engines/index.ts';
import { describeError } from '../terminal/describe-error.ts';
import { commandLine, programName, readVersion } from '../terminal/invocation.ts';

export const command: Command = {
  usage: '$0 engines\n\nTries every engine, native ones in separate processes, and shows which run here.',
  options: {},
  examples: [''],
  run(_, { stdout }) {
    stdout.write(listEngines(runtimePlaces()).map(describe).join(''));
  },
};

function describe({ name, available, version, device, problem, setup }: EngineState): string {
  const command = setup && commandLine(['setup', ...setup], programName());
  const advice = command === undefined ? '' : `. To change that: ${command}`;
  const reason = typeof problem === 'object' ? describeError(problem) : problem;
  const state = available ? `runs: ${device} (${version ?? readVersion()})` : `does not run: ${reason}`;
  return `${name.padEnd(12)}${state}${advice}\n`;
}
