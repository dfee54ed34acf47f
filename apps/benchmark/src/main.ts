import { resolve } from 'node:path';
import { untilSignal } from './command-line.ts';

/** The commands of this app. Each loads only its own code. */
const commands = {
  benchmark: async () => (await import('./command.ts')).runBenchmark,
  ci: async () => (await import('./ci/command.ts')).runCiCommand,
  'cuda-pack': async () => (await import('./cuda-pack.ts')).runCudaPackCommand,
  field: async () => (await import('./field/command.ts')).runFieldCommand,
  golden: async () => (await import('./golden/command.ts')).runGoldenCommand,
};

const [name = '', ...words] = process.argv.slice(2);
const run = async (signal?: AbortSignal): Promise<void> => {
  const command = await commands[name as keyof typeof commands]();
  process.exitCode = await command(words, {
    resolvePath: (path) => resolve(process.env.INIT_CWD ?? process.cwd(), path),
    print: (text) => process.stdout.write(`${text}\n`),
    complain: (text) => process.stderr.write(`${text}\n`),
    signal,
  });
};
// It removes what is incomplete when a signal interrupts it. The others just end.
await (name === 'ci' ? untilSignal(run) : run());
