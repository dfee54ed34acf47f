import type { Command } from './arguments/options.ts';

export interface CommandEntry {
  readonly name: string;
  readonly describe: string;
  /** Only the command that is called is loaded, because loading all of them takes a second. */
  readonly load: () => Promise<{ readonly command: Command }>;
}

function entry(name: string, describe: string, load: CommandEntry['load']): CommandEntry {
  return { name, describe, load };
}

/** In the groups and the order of `--help`, which only names the last ones. */
export const commandGroups: Readonly<Record<string, readonly CommandEntry[]>> = {
  Start: [
    entry(
      'demo',
      'Run all steps on a generated shop log, in about a minute',
      () => import('./commands/demo.ts'),
    ),
    entry(
      'init',
      'Read a log, and make the project file for the other commands',
      () => import('./commands/init.ts'),
    ),
  ],
  Model: [
    entry('prepare', 'Make a session dataset from a log of events', () => import('./commands/prepare.ts')),
    entry(
      'inspect',
      'Describe a dataset or a model, and say what to do about it',
      () => import('./commands/inspect.ts'),
    ),
    entry('train', 'Train a model on a prepared dataset', () => import('./commands/train.ts')),
    entry(
      'evaluate',
      'Measure a model on held-out sessions, beside simple baselines',
      () => import('./commands/evaluate.ts'),
    ),
    entry(
      'compare',
      'Compare several recommenders on held-out sessions, with intervals',
      () => import('./commands/compare.ts'),
    ),
    entry(
      'replay',
      'Walk through a log, predicting each click before learning it',
      () => import('./commands/replay.ts'),
    ),
    entry('tune', 'Search hyper-parameters on the validation split', () => import('./commands/tune.ts')),
  ],
  Shop: [
    entry('serve', 'Serve recommendations over HTTP', () => import('./commands/serve.ts')),
    entry('impact', 'Report what lists earn, per place and arm', () => import('./commands/impact.ts')),
    entry(
      'nightly',
      'Learn the days of the event log, and make the new model current',
      () => import('./commands/nightly.ts'),
    ),
    entry(
      'models',
      'List the versions of the model and how each was judged',
      () => import('./commands/models.ts'),
    ),
    entry('rollback', 'Make an older version of the model current', () => import('./commands/rollback.ts')),
    entry(
      'forget',
      'Remove the sessions of visitors from a dataset and an event log',
      () => import('./commands/forget.ts'),
    ),
  ],
  Use: [
    entry('recommend', 'Recommend the next items of a session', () => import('./commands/recommend.ts')),
    entry(
      'playground',
      'Make a page that plays a model in the browser, or serve it',
      () => import('./commands/playground.ts'),
    ),
  ],
  Also: [
    entry('export', 'Write a model for other programs', () => import('./commands/export.ts')),
    entry(
      'import',
      'Import a model from safetensors, or from the authors’ PyTorch code',
      () => import('./commands/import.ts'),
    ),
    entry(
      'engines',
      'Show which engines run here, and how to make the others run',
      () => import('./commands/engines.ts'),
    ),
    entry(
      'setup',
      'Set up what an engine needs: tensorflow, or native kernels',
      () => import('./commands/setup.ts'),
    ),
  ],
};

export const commandTable: readonly CommandEntry[] = Object.values(commandGroups).flat();
