import { resolve } from 'node:path';
import { baselineNames } from '@gru4rec/baselines';
import { UsageError } from '@gru4rec/checks';
import { logOf, type ReplayLog, replay, replayContenders } from '@gru4rec/comparison';
import type { SessionDataset } from '@gru4rec/dataset';
import { replaceFile } from '@gru4rec/durable-files';
import { Gru4Rec } from '@gru4rec/model';
import { parseTime } from '@gru4rec/preprocess';
import { type ReplayReport, replayTable, SEEN_EXCLUDED } from '@gru4rec/report';
import { terminalTable } from '@gru4rec/report/table';
import { checkOutputFile, expectFolder } from '../arguments/folders.ts';
import {
  type ArgumentsOf,
  type Command,
  engineOptions,
  flag,
  integer,
  learnerOption,
  modelArgument,
  or,
  parsed,
  required,
  text,
  texts,
} from '../arguments/options.ts';
import { readDataset, readModel } from '../arguments/read-inputs.ts';
import { duration } from '../arguments/values.ts';
import { createEngine } from '../engines/choose-engine.ts';
import { leaveOnSignal } from '../terminal/leave-on-signal.ts';
import { count, showShare } from '../terminal/progress.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { latest } from '../training/training-source.ts';

const TEN_MINUTES_MS = 600_000;

const options = {
  model: modelArgument,
  data: required(text('Folder that prepare wrote; --session-length 1.. keeps every click')),
  from: parsed(
    'Date, such as 2026-05-01T12:00Z: earlier clicks are known from the start. If not given, the end of the training split, or without another split the first click',
    date,
  ),
  to: parsed('Date from which clicks are left out', date),
  every: parsed(
    'Time between updates of what the contenders know; 10m if not given',
    duration('10m, 1h or 1d'),
  ),
  against: texts(
    'Contenders beside the learner: frozen (the model as it is; the only one if not given), nightly (continues over all clicks each midnight UTC), and baselines, refitted with each update',
  ),
  learner: learnerOption,
  cutoff: or(20, integer(1, 'Length of the recommendation lists')),
  'exclude-seen': flag('Exclude the items of a session from its lists; a repeated click is a miss'),
  html: text('File for a page with the curves of the replay'),
  json: flag('Print one JSON object'),
  ...engineOptions,
};

type Arguments = ArgumentsOf<typeof options>;

export const command: Command = {
  usage:
    '$0 replay MODEL --data DATA [options]\n\nWalks through the clicks of a dataset in order of time: predicts each click, then learns it. Shows what a model gains that learns all day.',
  options,
  examples: ['model --data week --from 2026-05-07 --against frozen v-sknn --html replay.html'],
  run: runReplay,
};

function date(text: string, label: string): number {
  const ms = parseTime(text);
  if (ms !== undefined) return ms;
  throw new UsageError(
    `${label} expected a date such as 2026-05-01 or 2026-05-01T12:00Z, got ${JSON.stringify(text)}`,
  );
}

async function runReplay(args: Arguments, terminal: Terminal): Promise<void> {
  const { stdout, stderr, directory } = terminal;
  const inFolder = (path: string) => resolve(directory, path);
  if (args.learner?.everyMs !== undefined)
    throw new UsageError('--learner everyMs is for serve, not for replay');
  const { learner = {}, every: everyMs = TEN_MINUTES_MS, cutoff } = args;
  const contenders = contendersOf(args);
  const html = args.html && inFolder(args.html);
  if (html) await checkOutputFile(html, true);
  await expectFolder('MODEL', inFolder(args.model), 'a model');
  const data = inFolder(args.data);
  await expectFolder('--data', data, 'a dataset');
  const engine = await createEngine(args.engine, args);
  const stored = await readModel(inFolder(args.model));
  const model = new Gru4Rec({ ...stored, engine });
  const stay = leaveOnSignal();
  const progress = showShare(stderr, 'Replaying', 'click');
  try {
    const dataset = await readDataset(data);
    const [log, fromMs] = [logOf(dataset), args.from ?? endOfTraining(dataset)];
    checkCatalogue(model, log, args.model);
    stderr.write(warnOfLearnt(stored.dataset?.lastMs, log.timesMs, fromMs));
    stderr.write(warnOfNoHistory(contenders, log.timesMs, fromMs));
    const report = await replay(log, {
      model,
      engine,
      fromMs,
      toMs: args.to,
      everyMs,
      cutoff,
      learner,
      contenders,
      excludeSeen: args.excludeSeen,
      onProgress: ({ clicks, total }) => progress.onProgress(clicks, total),
    });
    progress.stop();
    if (args.json) stdout.writeJson(report);
    else stdout.write(`${describeReplay(report)}\n`);
    if (html) {
      const { replayHtml } = await import('@gru4rec/report/pages');
      await replaceFile(html, [Buffer.from(replayHtml(args.model, report))]);
    }
  } finally {
    progress.stop();
    stay();
    model.dispose();
  }
}

function contendersOf({ against = ['frozen'] }: Arguments): string[] {
  const wrong = against.find((name) => !replayContenders.includes(name));
  if (wrong === undefined) return [...new Set(['learner', ...against])];
  throw new UsageError(`--against expected names of ${replayContenders.join(', ')}, got ${wrong}`);
}

/** Undefined if the dataset has no other split. */
function endOfTraining({ train, validation, test }: SessionDataset): number | undefined {
  if (!validation && !test) return undefined;
  return 1 + latest(train.times);
}

function checkCatalogue(model: Gru4Rec, { itemIds }: ReplayLog, name: string): void {
  for (const id of itemIds) if (model.itemIndex(id) !== undefined) return;
  throw new UsageError(
    `MODEL expected a model with items of the log, got one that knows none of them, at ${name}`,
  );
}

function warnOfLearnt(
  lastMs: number | undefined,
  timesMs: Float64Array,
  fromMs = Number.NEGATIVE_INFINITY,
): string {
  if (lastMs === undefined || Math.max(timesMs[0] ?? lastMs, fromMs) > lastMs) return '';
  const time = new Date(lastMs + 1).toISOString();
  return `Warning: The model was trained on clicks up to then: --from ${time} predicts only later ones\n`;
}

/** Only the log's clicks are fitted. */
function warnOfNoHistory(names: readonly string[], [firstMs = 0]: Float64Array, fromMs = firstMs): string {
  const empty = names.filter((name) => baselineNames.some((baseline) => baseline === name)).join(', ');
  if (empty === '' || firstMs < fromMs) return '';
  return `Warning: Nothing to fit ${empty} to when the replay begins, so the model has an advantage: name a log with the clicks that it was trained on, and --from their end\n`;
}

function describeReplay(report: ReplayReport): string {
  const [first] = report.contenders;
  const cold = count(first?.cold.predictions ?? 0, 'cold target');
  return `${terminalTable(replayTable(report))}
${count(first?.predictions ?? 0, 'prediction')}, ${cold} that the model was not trained on. ${first?.name}’s gain is in recall, with its 95 % interval by session.${report.excludeSeen ? SEEN_EXCLUDED : ''}`;
}
