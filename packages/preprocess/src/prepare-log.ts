import { join } from 'node:path';
import { DataError, type SplitName } from '@gru4rec/sessions';
import type { Backend } from './backends/backend.ts';
import { BAD_ROWS_FILE, writeBadRows } from './bad-rows.ts';
import { piecesOf, readCatalogue } from './catalogue.ts';
import { Funnel, type FunnelSplit } from './funnel.ts';
import type { CheckedOptions } from './options.ts';
import { writeOutput } from './output.ts';
import { planRound, planSteps } from './plan.ts';
import type { Preparation, PrepareReport, Workplace } from './preparation.ts';
import { ProgressReporter } from './progress.ts';
import { readLog } from './reading/read-log.ts';
import { cutSplits, heldOutSplits, splitRule } from './split-options.ts';
import { filterRound, heldOutFilters } from './steps/filter.ts';
import { countLate } from './steps/late.ts';
import { cutOff } from './steps/split.ts';
import { splitNumbers } from './steps/split-numbers.ts';
import { type Facts, splitWarnings } from './steps/split-warnings.ts';

/** Reads a log, filters and splits its events, and writes the files of the dataset. */
export async function prepareLog(
  db: Backend,
  options: CheckedOptions,
  workplace: Workplace,
): Promise<PrepareReport> {
  const progress = new ProgressReporter(options.onProgress);
  progress.plan(planSteps(options));
  const prepare = async () => {
    const catalogue = options.items === undefined ? undefined : await readCatalogue(options.items);
    const log = await readLog(db, options, progress);
    const work = { log, options, workplace, catalogue, progress, funnel: new Funnel(log.rows) };
    await learnItems(work);
    await countEvents(work);
    const old = await removeOld(work);
    await filterEvents(work);
    await splitEvents(work);
    const warnings = await numberItems(work, old?.hours);
    const written = await writeOutput(work);
    const { timeUnit, badRows } = log;
    return {
      ...written,
      funnel: work.funnel.rows,
      badRows: badRows.count,
      timeUnit,
      keptFrom: old?.before,
      warnings,
    };
  };
  return progress.watch(() => db.progress, prepare);
}

/** The dataset that is extended keeps its items in training; held-out splits keep those of the items file. */
async function learnItems({ log, options, workplace, catalogue }: Preparation): Promise<void> {
  const { knownItems } = workplace;
  if (knownItems !== undefined) await log.events.learnItems(knownItems(), [splitNumbers.train]);
  const heldOut = heldOutSplits(options).map((split) => splitNumbers[split]);
  if (catalogue === undefined || heldOut.length === 0) return;
  await log.events.learnItems(piecesOf(catalogue), heldOut);
}

/** Adds the events to the funnel, and removes late sessions. */
async function countEvents({ log, options, workplace, funnel, progress }: Preparation): Promise<void> {
  const { userColumn, testInputs, eventTypes } = options;
  const { lateSessions } = workplace;
  const { events } = log;
  progress.begin('count');
  if (log.rows.length === 0) {
    // Every row is an event. Numbers of sessions and items are faster to count than the names in the rows.
    const all = await events.count();
    const counts = { ...all, sessions: userColumn === undefined ? all.sessions : null };
    funnel.add('all', 'rows read', counts);
    if (eventTypes !== undefined) funnel.add('all', 'other event types', counts);
  }
  if (userColumn !== undefined) await funnel.record(events, 'users cut into sessions', ['all']);
  if (testInputs !== undefined) await funnel.record(events, 'given split', splitsToFilter(options));
  if (lateSessions?.policy !== 'drop') return;
  await events.removeLate(lateSessions.before);
  await funnel.record(events, 'late sessions', splitsToFilter(options));
}

/** Removes the sessions that are older than `keepMs`. @returns the time of the cut, and events per hour without it. */
async function removeOld({ log, options, workplace, funnel }: Preparation) {
  const { keepMs } = options;
  if (keepMs === undefined) return undefined;
  const { events } = log;
  const hours = await events.hours();
  const before = Math.max(await events.lastTime(), workplace.lastTime ?? Number.NEGATIVE_INFINITY) - keepMs;
  await events.removeEnded(before);
  const step = `sessions that ended before ${new Date(before).toISOString()}`;
  await funnel.record(events, step, splitsToFilter(options));
  return { before, hours };
}

/** Share of the time of a filter after which the events are removed; the rest counts those that are left. */
const REMOVED = 0.4;

/** Applies the filters once, or with `filterUntilStable` until a round removes no events. */
async function filterEvents({ log, options, funnel, progress }: Preparation): Promise<void> {
  const splits = splitsToFilter(options);
  for (let round = 1, isChanged = true; isChanged; round++) {
    if (round > 1) progress.plan(planRound(options, round));
    const before = funnel.events(splits);
    for (const { name, apply } of filterRound(options, round)) {
      progress.begin(name);
      await apply(log.events);
      progress.part(name, REMOVED, 1 - REMOVED);
      await funnel.record(log.events, name, splits);
    }
    isChanged = options.filterUntilStable && funnel.events(splits) < before;
  }
}

function splitsToFilter({ testInputs }: CheckedOptions): FunnelSplit[] {
  return testInputs === undefined ? ['all'] : ['train', 'test'];
}

/** Splits the sessions by time, then filters those of validation and test. */
async function splitEvents({ log, options, funnel, progress }: Preparation): Promise<void> {
  const { events } = log;
  progress.begin('by time');
  const cuts = cutSplits.flatMap((split) => {
    const rule = splitRule(options, split);
    return rule ? [{ split, rule }] : [];
  });
  if (cuts.length > 0) {
    const { sessions } = await events.count(splitNumbers.train);
    const file = options.inputs[0] ?? '';
    for (const cut of cuts) await cutOff(events, { ...cut, sessions, file });
    await funnel.record(events, 'split by time', ['train', ...heldOutSplits(options)]);
  } else if (options.testInputs === undefined) await funnel.record(events, 'no split', ['train']);
  for (const { name, step, split, apply } of heldOutFilters(options)) {
    progress.begin(name);
    await apply(events);
    await funnel.record(events, step, [split]);
  }
}

/**
 * Numbers the items of the final splits, and lists the bad rows.
 *
 * @param hoursBefore - events per hour before old sessions were removed; not given if none were.
 * @returns warnings about the splits.
 */
async function numberItems(
  { log, options, workplace, funnel, progress }: Preparation,
  hoursBefore?: Facts['hours'],
): Promise<string[]> {
  const { events, badRows } = log;
  const { lateSessions } = workplace;
  progress.begin('number items');
  const late = lateSessions && (await countLate(events, lateSessions, options.inputs[0] ?? ''));
  if (late) await funnel.record(events, `late sessions kept: ${late}`, ['train']);
  checkSplits(options, funnel);
  const hours = await events.hours();
  const warnings = splitWarnings({ options, funnel: funnel.rows, hours, hoursBefore });
  await events.numberItems();
  if (badRows.count > 0) await writeBadRows(join(workplace.folder, BAD_ROWS_FILE), badRows);
  return warnings;
}

/** @throws DataError if a split has no sessions left. */
function checkSplits(options: CheckedOptions, funnel: Funnel): void {
  const splits: SplitName[] = ['train', ...heldOutSplits(options)];
  const empty = splits.find((name) => funnel.events([name]) === 0);
  if (empty === undefined) return;
  const last = funnel.rows.findLast((row) => row.removedEvents > 0);
  const reason = last ? ` The last step that removed events: ${last.step} (${last.removedEvents}).` : '';
  const file = (empty === 'test' ? options.testInputs?.[0] : undefined) ?? options.inputs[0];
  const message = `"${empty}" expected at least one session, got none left, at ${file}.${reason}`;
  throw new DataError(message, { file });
}
