import type { Command } from './commands/command.ts';
import type { Terminal } from './terminal/terminal.ts';

/** A command whose name and description need none of its modules. */
export interface CommandEntry {
  readonly name: string;
  /** Its heading in `--help`. */
  readonly group: 'Start' | 'Data' | 'Model' | 'Use' | 'Set-up';
  /** Pattern of yargs: the name and its arguments. */
  readonly command: string;
  readonly describe: string;
  /** Loads the modules of the command. */
  readonly load: (terminal: Terminal, argv: readonly string[]) => Promise<Command<object>>;
}

/** All commands, in the order of `--help`. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'demo',
    group: 'Start',
    command: 'demo',
    describe: 'Run all steps on a generated shop log, in about a minute',
    load: async (terminal) => (await import('./commands/demo.ts')).demoCommand(terminal),
  },
  {
    name: 'prepare',
    group: 'Data',
    command: 'prepare',
    describe: 'Make a session dataset from a log of events',
    load: async (terminal) => (await import('./commands/prepare.ts')).prepareCommand(terminal),
  },
  {
    name: 'inspect',
    group: 'Data',
    command: 'inspect [folder]',
    describe: 'Describe a dataset, and say what to do about what is found',
    load: async (terminal) => (await import('./commands/inspect.ts')).inspectCommand(terminal),
  },
  {
    name: 'train',
    group: 'Model',
    command: 'train',
    describe: 'Train a model on a prepared dataset',
    load: async (terminal) => (await import('./commands/train.ts')).trainCommand(terminal),
  },
  {
    name: 'evaluate',
    group: 'Model',
    command: 'evaluate',
    describe: 'Measure a model on held-out sessions, beside simple baselines',
    load: async (terminal, argv) => (await import('./commands/evaluate.ts')).evaluateCommand(terminal, argv),
  },
  {
    name: 'compare',
    group: 'Model',
    command: 'compare',
    describe: 'Compare several recommenders on held-out sessions, with intervals',
    load: async (terminal, argv) => (await import('./commands/compare.ts')).compareCommand(terminal, argv),
  },
  {
    name: 'tune',
    group: 'Model',
    command: 'tune',
    describe: 'Search hyper-parameters on the validation split',
    load: async (terminal) => (await import('./commands/tune.ts')).tuneCommand(terminal),
  },
  {
    name: 'recommend',
    group: 'Use',
    command: 'recommend [folder]',
    describe: 'Recommend the next items of a session',
    load: async (terminal) => (await import('./commands/recommend.ts')).recommendCommand(terminal),
  },
  {
    name: 'serve',
    group: 'Use',
    command: 'serve [folder]',
    describe: 'Serve recommendations over HTTP',
    load: async (terminal) => (await import('./commands/serve.ts')).serveCommand(terminal),
  },
  {
    name: 'playground',
    group: 'Use',
    command: 'playground [folder]',
    describe: 'Make a page that plays a model in the browser, or serve it',
    load: async (terminal) => (await import('./commands/playground.ts')).playgroundCommand(terminal),
  },
  {
    name: 'explain',
    group: 'Use',
    command: 'explain [folder]',
    describe: 'Show the configuration, parameters and training history of a model',
    load: async (terminal) => (await import('./commands/explain.ts')).explainCommand(terminal),
  },
  {
    name: 'export',
    group: 'Use',
    command: 'export',
    describe: 'Write a model for other programs',
    load: async (terminal) => (await import('./commands/export.ts')).exportCommand(terminal),
  },
  {
    name: 'import',
    group: 'Use',
    command: 'import',
    describe: 'Import a model from safetensors, or from the authors’ PyTorch code',
    load: async (terminal) => (await import('./commands/import.ts')).importCommand(terminal),
  },
  {
    name: 'engines',
    group: 'Set-up',
    command: 'engines',
    describe: 'Show which engines run here, and how to make the others run',
    load: async (terminal) => (await import('./commands/engines.ts')).enginesCommand(terminal),
  },
  {
    name: 'setup',
    group: 'Set-up',
    command: 'setup <what>',
    describe: 'Set up what an engine needs: tensorflow, or native kernels',
    load: async (terminal) => (await import('./commands/setup.ts')).setUpCommand(terminal),
  },
  {
    name: 'completion',
    group: 'Set-up',
    command: 'completion [shell]',
    describe: 'Print a script that completes command lines in a shell',
    load: async (terminal) => (await import('./commands/completion.ts')).completionCommand(terminal),
  },
];
