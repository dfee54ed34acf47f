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
import { splitWarnings } from './steps/split-warnings.ts';

/** Reads a log, filters and splits its events, and writes the files of the dataset. */
export async function prepareLog(
  db: Backend,
  options: CheckedOptions,
  workplace: Workplace,
): Promise<PrepareReport> {
  const progress = new ProgressReporter(options.onProgress);
  progress.plan(planSteps(options));
  const prepare = async () => {
    const catalogue =
      options.items === undefined ? undefined : await readCatalogue(options.items, options.itemsIdColumn);
    const log = await readLog(db, options, progress);
    const work = { log, options, workplace, catalogue, progress, funnel: new Funnel(log.rows) };
    await learnItems(work);
    await countEvents(work);
    const keptFrom = await removeOld(work);
    await filterEvents(work);
    await splitEvents(work);
    const warnings = await numberItems(work);
    const written = await writeOutput(work);
    const { timeUnit, badRows } = log;
    return {
      ...written,
      funnel: work.funnel.rows,
      badRows: badRows.count,
      timeUnit,
      keptFrom,
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

/** Share of the sessions whose ends do not move the time from which `keepMs` counts, so that single rows cannot. */
const LATEST = 0.001;

/**
 * Removes the sessions that are older than `keepMs`.
 * @returns the time of the cut.
 * @throws DataError if that is more than half of the dataset that is extended, or of the log if there is none.
 */
async function removeOld({ log, options, workplace, funnel }: Preparation): Promise<number | undefined> {
  const { keepMs, forceKeep = false } = options;
  if (keepMs === undefined) return undefined;
  const { events } = log;
  const { sessionEnds: ends } = workplace;
  const { sessions } = await events.count();
  const later = Math.ceil(LATEST * (sessions + (ends?.length ?? 0) - 1));
  const latest = [...(await events.latestEnds(later + 1)), ...(ends?.slice(-later - 1) ?? [])];
  const from = Math.min(latest.sort((a, b) => b - a)[later] ?? 0, Date.now());
  const before = from - keepMs;
  await events.removeEnded(before);
  const step = `sessions that ended before ${new Date(before).toISOString()}`;
  await funnel.record(events, step, splitsToFilter(options));
  const kept = ends?.filter((end) => end >= before).length ?? (await events.count()).sessions;
  const removed = (ends?.length ?? sessions) - kept;
  if (removed <= kept || forceKeep) return before;
  const file = ends ? options.output : (options.inputs[0] ?? '');
  const message =
    `"keepMs" expected to keep half of the sessions or more, got ${removed} to remove and ${kept} to keep, counting from ` +
    `${new Date(from).toISOString()}, at ${file}. Correct the times, or allow it with "forceKeep".`;
  throw new DataError(message, { file });
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

/** Numbers the items of the final splits, and lists the bad rows. @returns warnings about the splits. */
async function numberItems({ log, options, workplace, funnel, progress }: Preparation): Promise<string[]> {
  const { events, badRows } = log;
  const { lateSessions } = workplace;
  progress.begin('number items');
  const late = lateSessions && (await countLate(events, lateSessions, options.inputs[0] ?? ''));
  if (late) await funnel.record(events, `late sessions kept: ${late}`, ['train']);
  checkSplits(options, funnel);
  const warnings = splitWarnings({ options, funnel: funnel.rows, hours: await events.hours() });
  await events.numberItems();
  if (badRows.count > 0) await writeBadRows(join(workplace.folder, BAD_ROWS_FILE), badRows);
  return warnings;
}

/** @throws DataError if a split has no sessions left. */
function checkSplits(options: CheckedOptions, funnel: Funnel): void {
  const splits: SplitName[] = ['train', ...heldOutSplits(options)];
  const empty = splits.find((name) => funnel.events([name]) === 0);
  if (empty === undefined) return;
  const own = funnel.rows.filter(({ split }) => split === 'all' || split === empty);
  const at = own.findIndex(({ events }) => events === 0);
  const [before, last] = [own[at - 1], own[at]];
  const advice = last?.step === 'split by time' ? ' Hold out fewer sessions.' : '';
  const reason = before
    ? ` The last step that removed events: ${last?.step} (${before.events}).${advice}`
    : '';
  const file = (empty === 'test' ? options.testInputs?.[0] : undefined) ?? options.inputs[0];
  const message = `"${empty}" expected at least one session, got none left, at ${file}.${reason}`;
  throw new DataError(message, { file });
}
