import type { Command } from './arguments/options.ts';

export interface CommandEntry {
  readonly name: string;
  readonly describe: string;
  /** Only the command that is called is loaded, because loading all of them takes a second. */
  readonly load: () => Promise<{ readonly command: Command }>;
}

/** In the groups and the order of `--help`, which only names the last ones. */
export const commandGroups: Readonly<Record<string, readonly CommandEntry[]>> = {
  Start: [
    {
      name: 'demo',
      describe: 'Run all steps on a generated shop log, in about a minute',
      load: () => import('./commands/demo.ts'),
    },
    {
      name: 'init',
      describe: 'Read a log, and make the project file for the other commands',
      load: () => import('./commands/init.ts'),
    },
  ],
  Model: [
    {
      name: 'prepare',
      describe: 'Make a session dataset from a log of events',
      load: () => import('./commands/prepare.ts'),
    },
    {
      name: 'inspect',
      describe: 'Describe a dataset or a model, and say what to do about it',
      load: () => import('./commands/inspect.ts'),
    },
    {
      name: 'train',
      describe: 'Train a model on a prepared dataset',
      load: () => import('./commands/train.ts'),
    },
    {
      name: 'evaluate',
      describe: 'Measure a model on held-out sessions, beside simple baselines',
      load: () => import('./commands/evaluate.ts'),
    },
    {
      name: 'compare',
      describe: 'Compare several recommenders on held-out sessions, with intervals',
      load: () => import('./commands/compare.ts'),
    },
    {
      name: 'replay',
      describe: 'Walk through a log, predicting each click before learning it',
      load: () => import('./commands/replay.ts'),
    },
    {
      name: 'tune',
      describe: 'Search hyper-parameters on the validation split',
      load: () => import('./commands/tune.ts'),
    },
  ],
  Shop: [
    {
      name: 'serve',
      describe: 'Serve recommendations over HTTP',
      load: () => import('./commands/serve.ts'),
    },
    {
      name: 'nightly',
      describe: 'Learn the days of the event log, and make the new model current',
      load: () => import('./commands/nightly.ts'),
    },
    {
      name: 'models',
      describe: 'List the versions of the model and how each was judged',
      load: () => import('./commands/models.ts'),
    },
    {
      name: 'rollback',
      describe: 'Make an older version of the model current',
      load: () => import('./commands/rollback.ts'),
    },
    {
      name: 'forget',
      describe: 'Remove the sessions of visitors from a dataset and an event log',
      load: () => import('./commands/forget.ts'),
    },
  ],
  Use: [
    {
      name: 'recommend',
      describe: 'Recommend the next items of a session',
      load: () => import('./commands/recommend.ts'),
    },
    {
      name: 'playground',
      describe: 'Make a page that plays a model in the browser, or serve it',
      load: () => import('./commands/playground.ts'),
    },
    {
      name: 'export',
      describe: 'Write a model for other programs',
      load: () => import('./commands/export.ts'),
    },
  ],
  Also: [
    {
      name: 'import',
      describe: 'Import a model from safetensors, or from the authors’ PyTorch code',
      load: () => import('./commands/import.ts'),
    },
    {
      name: 'engines',
      describe: 'Show which engines run here, and how to make the others run',
      load: () => import('./commands/engines.ts'),
    },
    {
      name: 'setup',
      describe: 'Set up what an engine needs: tensorflow, or native kernels',
      load: () => import('./commands/setup.ts'),
    },
  ],
};

export const commandTable: readonly CommandEntry[] = Object.values(commandGroups).flat();
