import { type EngineState, listEngines } from '@gru4rec/engines';
import type { Argv } from 'yargs';
import { runtimePlaces } from '../arguments/engines.ts';
import { flag } from '../arguments/options.ts';
import { describeError } from '../terminal/describe-error.ts';
import { commandLine, programName } from '../terminal/invocation.ts';
import { leaveOnSignal } from '../terminal/leave-on-signal.ts';
import { readVersion } from '../version.ts';
import type { ArgumentsOf, Command } from './command.ts';

type Arguments = ArgumentsOf<typeof describeOptions>;

/** `gru4rec engines`: shows which engines run here, and how to make the others run. */
export const enginesCommand: Command = {
  builder: describeOptions,
  async handler({ json }: Arguments, { stdout }) {
    const stay = leaveOnSignal();
    const states = (await listEngines(runtimePlaces()).finally(stay)).map(inWords);
    if (json) stdout.writeJson({ engines: states });
    else stdout.write(format(states));
  },
};

function describeOptions(yargs: Argv) {
  return yargs
    .usage(
      '$0 engines [options]\n\nTries every engine, native ones in separate processes, and shows which run here.',
    )
    .option('json', flag('Print one JSON object'))
    .example('$0 engines', '');
}

/** The state of an engine, as the command prints it. */
type EngineInWords = Omit<EngineState, 'problem' | 'setup'> & { problem?: string; command?: string };

function inWords({ name, available, version, device, problem, setup }: EngineState): EngineInWords {
  return {
    ...{ name, available },
    ...(available && { version: version ?? readVersion() }),
    ...(device !== undefined && { device }),
    ...(problem !== undefined && { problem: typeof problem === 'string' ? problem : describeError(problem) }),
    ...(setup && { command: commandLine(['setup', ...setup], programName()) }),
  };
}

/** Two columns. Long reasons are not cut. */
function format(states: readonly EngineInWords[]): string {
  return states.map((state) => `${state.name.padEnd(12)}${describe(state)}\n`).join('');
}

function describe({ available, version, device, problem, command }: EngineInWords): string {
  const advice = command === undefined ? '' : `. To change that: ${command}`;
  return available ? `runs: ${device} (${version})${advice}` : `does not run: ${problem}${advice}`;
}
