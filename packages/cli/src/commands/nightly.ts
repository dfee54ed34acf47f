import { statSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import { DEFAULT_PRESET } from '@gru4rec/model';
import { lockOutput } from '../arguments/folders.ts';
import { type ArgumentsOf, type Command, engineOptions, flag, integer, or } from '../arguments/options.ts';
import { configPath, readConfig } from '../arguments/read-inputs.ts';
import { parseSettings } from '../arguments/settings.ts';
import { duration } from '../arguments/values.ts';
import { chooseEngine } from '../engines/choose-engine.ts';
import { runNight } from '../nightly/nightly.ts';
import { expectProject, type Project } from '../project/project.ts';
import { leaveOnSignal } from '../terminal/leave-on-signal.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** The exit code where the gate kept the current model. */
const REFUSED = 3;

const options = {
  anew: or(
    30,
    integer(0, 'Train from the beginning after this number of nights; 0: only after a loss that built up'),
  ),
  versions: or(7, integer(1, 'Versions to keep')),
  json: flag('Print one JSON object'),
  ...engineOptions,
};

type Arguments = ArgumentsOf<typeof options>;

export const command: Command = {
  usage:
    '$0 nightly\n\nAdds the days of the event log to the dataset, continues the current model on them, and makes the new version current unless it, or the nights up to it, predict held-out sessions significantly worse. Run it once a night; a run that was killed is completed by the next one. Exit codes: 0, 3 if the current model stays because the new one is worse, 1 for a failure, also if clicks of the log did not reach the dataset.',
  options,
  examples: ['', '--json'],
  run: runNightly,
};

async function runNightly(args: Arguments, terminal: Terminal): Promise<number> {
  const { directory, stdout, stderr } = terminal;
  const project = expectProject('nightly', directory);
  const unlock = lockOutput(join(project.models, 'night'), 'nightly', stderr);
  const stay = leaveOnSignal();
  try {
    const { engine } = await chooseEngine(args.engine, { threads: args.threads });
    const { data, items, itemColumns, keep } = project.content;
    const report = await runNight(
      {
        data: project.absolute(data),
        models: project.models,
        dataName: project.path(data),
        events: project.absolute(project.content.events),
        items: items && project.absolute(items),
        itemColumns,
        keepMs: keep === undefined ? undefined : duration('90d, 12h or 30m')(keep, '"keep"'),
        anew: args.anew,
        versions: args.versions,
        engine,
        // A clock that is ahead of the disk's ends no day.
        nowMs: Math.min(Date.now(), statSync(join(project.models, '.night.lock')).mtimeMs),
        config: () => configOf(project, terminal),
        isConfigured: project.content.train?.['budget'] === undefined,
      },
      terminal,
    );
    const { current } = report;
    stderr.write(`The current model is ${project.path(join(project.content.models, current))}\n`);
    if (args.json) stdout.writeJson(report);
    if (report.late.length > 0) return 1;
    return report.made?.verdict?.isWorse ? REFUSED : 0;
  } finally {
    stay();
    unlock();
  }
}

function configOf({ content, absolute }: Project, { stderr }: Terminal) {
  const { config = DEFAULT_PRESET, set = [] } = content.train ?? {};
  if (typeof config !== 'string') throw new UsageError(`"train.config" expected a string, got ${config}`);
  const settings = parseSettings([set].flat().map(String));
  return readConfig(configPath(absolute('.'), config), settings, stderr);
}
