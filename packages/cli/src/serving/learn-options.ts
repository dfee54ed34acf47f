import { join, resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import type { EventLog, LearnOptions, ModelSource } from '@gru4rec/serving';
import { expectFolder, isFolder } from '../arguments/folders.ts';
import { type ArgumentsOf, flag, learnerOption, texts } from '../arguments/options.ts';

export const learnFlags = {
  learn: flag('Learn from the clicks in the event log while serving, into its folder learnt'),
  'learn-from': texts('Folders of the event logs of other servers, to learn from these too'),
  learner: learnerOption,
};

export interface LearnRequest extends ArgumentsOf<typeof learnFlags> {
  readonly eventLog: string | undefined;
  readonly readOnly: boolean;
}

export async function checkLearning(
  request: LearnRequest,
  models: readonly ModelSource[],
  { engine, directory }: { readonly engine: string; readonly directory: string },
): Promise<void> {
  const { learn, learnFrom, learner = {}, eventLog, readOnly } = request;
  if (!learn) {
    const given = Object.entries({ 'learn-from': learnFrom, learner: request.learner });
    const [name] = given.find(([, value]) => value !== undefined) ?? [];
    if (name) throw new UsageError(`--${name} expected --learn with it, got none`);
    return;
  }
  const [model, ...others] = models;
  if (eventLog === undefined) throw new UsageError('--learn expected --event-log with it, got none');
  if (readOnly) throw new UsageError('--learn expected a server that takes clicks, got --read-only');
  if (!model || others.length > 0) throw new UsageError(`--learn expected one MODEL, got ${models.length}`);
  if (engine !== 'wasm') throw new UsageError(`--learn expected engine wasm, got ${engine}`);
  const replayed = ['replays', 'replayPairs'].find((name) => name in learner);
  if (replayed) throw new UsageError(`--learner ${replayed} is for replay, not for serve`);
  await expectFolder('MODEL of --learn', model.directory, 'a model');
  const logs = [eventLog, ...(learnFrom ?? [])].map((folder) => resolve(directory, folder));
  const twice = logs.find((folder, at) => logs.indexOf(folder) !== at);
  if (twice !== undefined) throw new UsageError(`--learn-from expected other event logs, got ${twice} twice`);
  const missing = logs.slice(1).find((folder) => !isFolder(folder));
  if (missing !== undefined)
    throw new UsageError(`--learn-from expected folders of event logs, got ${missing}`);
}

export function learnOptions(
  { learn, learnFrom, learner: { everyMs, ...settings } = {} }: LearnRequest,
  log: EventLog | undefined,
  directory: string,
): LearnOptions | undefined {
  if (!learn || !log) return undefined;
  return {
    ...{ log, output: join(log.directory, 'learnt') },
    ...(everyMs !== undefined && { everyMs }),
    ...(learnFrom && { others: learnFrom.map((folder) => resolve(directory, folder)) }),
    settings,
  };
}
