import type { Command } from './commands/command.ts';

export interface CommandEntry {
  readonly name: string;
  readonly group: 'Start' | 'Data' | 'Model' | 'Use' | 'Set-up';
  readonly command: string;
  readonly describe: string;
  readonly load: () => Promise<Command>;
}

/** All commands, in the order of `--help`. */
export const commandTable: readonly CommandEntry[] = [
  {
    name: 'demo',
    group: 'Start',
    command: 'demo',
    describe: 'Run all steps on a generated shop log, in about a minute',
    load: async () => (await import('./commands/demo.ts')).demoCommand,
  },
  {
    name: 'prepare',
    group: 'Data',
    command: 'prepare',
    describe: 'Make a session dataset from a log of events',
    load: async () => (await import('./commands/prepare.ts')).prepareCommand,
  },
  {
    name: 'inspect',
    group: 'Data',
    command: 'inspect [folder]',
    describe: 'Describe a dataset or a model, and say what to do about it',
    load: async () => (await import('./commands/inspect.ts')).inspectCommand,
  },
  {
    name: 'forget',
    group: 'Data',
    command: 'forget',
    describe: 'Remove the sessions of visitors from a dataset and an event log',
    load: async () => (await import('./commands/forget.ts')).forgetCommand,
  },
  {
    name: 'train',
    group: 'Model',
    command: 'train <data>',
    describe: 'Train a model on a prepared dataset',
    load: async () => (await import('./commands/train.ts')).trainCommand,
  },
  {
    name: 'evaluate',
    group: 'Model',
    command: 'evaluate <model>',
    describe: 'Measure a model on held-out sessions, beside simple baselines',
    load: async () => (await import('./commands/evaluate.ts')).evaluateCommand,
  },
  {
    name: 'compare',
    group: 'Model',
    command: 'compare <data>',
    describe: 'Compare several recommenders on held-out sessions, with intervals',
    load: async () => (await import('./commands/compare.ts')).compareCommand,
  },
  {
    name: 'replay',
    group: 'Model',
    command: 'replay <model>',
    describe: 'Walk through a log, predicting each click before learning it',
    load: async () => (await import('./commands/replay.ts')).replayCommand,
  },
  {
    name: 'tune',
    group: 'Model',
    command: 'tune <data>',
    describe: 'Search hyper-parameters on the validation split',
    load: async () => (await import('./commands/tune.ts')).tuneCommand,
  },
  {
    name: 'recommend',
    group: 'Use',
    command: 'recommend <model>',
    describe: 'Recommend the next items of a session',
    load: async () => (await import('./commands/recommend.ts')).recommendCommand,
  },
  {
    name: 'serve',
    group: 'Use',
    command: 'serve <models..>',
    describe: 'Serve recommendations over HTTP',
    load: async () => (await import('./commands/serve.ts')).serveCommand,
  },
  {
    name: 'playground',
    group: 'Use',
    command: 'playground [model]',
    describe: 'Make a page that plays a model in the browser, or serve it',
    load: async () => (await import('./commands/playground.ts')).playgroundCommand,
  },
  {
    name: 'export',
    group: 'Use',
    command: 'export <model>',
    describe: 'Write a model for other programs',
    load: async () => (await import('./commands/export.ts')).exportCommand,
  },
  {
    name: 'import',
    group: 'Use',
    command: 'import',
    describe: 'Import a model from safetensors, or from the authors’ PyTorch code',
    load: async () => (await import('./commands/import.ts')).importCommand,
  },
  {
    name: 'engines',
    group: 'Set-up',
    command: 'engines',
    describe: 'Show which engines run here, and how to make the others run',
    load: async () => (await import('./commands/engines.ts')).enginesCommand,
  },
  {
    name: 'setup',
    group: 'Set-up',
    command: 'setup <what>',
    describe: 'Set up what an engine needs: tensorflow, or native kernels',
    load: async () => (await import('./commands/setup.ts')).setUpCommand,
  },
  {
    name: 'completion',
    group: 'Set-up',
    command: 'completion [shell]',
    describe: 'Print a script that completes command lines in a shell',
    load: async () => (await import('./commands/completion.ts')).completionCommand,
  },
];
