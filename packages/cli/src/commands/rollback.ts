import { UsageError } from '@gru4rec/checks';
import { type ArgumentsOf, argument, type Command, text } from '../arguments/options.ts';
import { expectProject, type Project } from '../project/project.ts';
import {
  currentVersion,
  describeForgotten,
  makeCurrent,
  readRecord,
  versionsIn,
} from '../project/versions.ts';
import type { Terminal } from '../terminal/terminal.ts';

const options = { model: argument('MODEL', text('Name of the version, as models lists it')) };

export const command: Command = {
  usage:
    '$0 rollback [MODEL]\n\nMakes an older version current: the one before, if none is named. A running server swaps it in, and the next night continues it.',
  options,
  examples: ['', '2026-11-29T0200Z'],
  run: runRollback,
};

async function runRollback(
  { model }: ArgumentsOf<typeof options>,
  { directory, stderr }: Terminal,
): Promise<void> {
  const project = expectProject('rollback', directory);
  const before = currentVersion(project.models);
  const chosen = model === undefined ? versionBefore(project, before) : expectVersion(project, model);
  const overtaken = await makeCurrent(project.models, chosen, before);
  if (overtaken !== undefined) throw new Error(overtaken);
  stderr.write(`${chosen} is current; the next night continues it\n`);
  stderr.write(describeForgotten(project.models, chosen));
}

function expectVersion({ models }: Project, version: string): string {
  const versions = versionsIn(models);
  if (versions.includes(version)) return version;
  throw new UsageError(`MODEL expected one of ${versions.join(', ') || 'none'}, got ${version}`);
}

/** The latest older version that was current. */
function versionBefore({ models }: Project, current: string | undefined): string {
  const versions = versionsIn(models);
  const older = versions.slice(0, versions.indexOf(current ?? ''));
  const before = older.findLast((version) => {
    const { isDone = true, verdict } = readRecord(models, version) ?? {};
    return isDone && !verdict?.isWorse;
  });
  if (current !== undefined && before !== undefined) return before;
  throw new Error(`rollback expected a version before ${current ?? 'the current one'}, got none. See models`);
}
