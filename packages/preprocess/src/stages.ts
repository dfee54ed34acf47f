import { join } from 'node:path';
import { DataError, type SplitName } from '@gru4rec/sessions';
import { BAD_ROWS_FILE, sortedRows, writeBadRows } from './bad-rows.ts';
import type { FunnelSplit } from './funnel.ts';
import { writeOutput } from './output.ts';
import { heldOutSplits, type Preparation, record } from './preparation.ts';
import type { Stage, StageRunner } from './run-stages.ts';
import { cutSplits, splitRule } from './split-options.ts';
import {
  checkAnyRow,
  countDistinct,
  countRows,
  detectTimeUnit,
  findAbsentTypes,
  findBadRows,
  judgeRows,
  type RowCounts,
  rowFilters,
} from './steps/check.ts';
import { type Filter, filterRound, sessionFilters, unknownItems } from './steps/filter.ts';
import { countLate, lateFilter } from './steps/late.ts';
import { sessionize } from './steps/sessionize.ts';
import { cutOff } from './steps/split.ts';
import { splitNumbers } from './steps/split-numbers.ts';
import { splitWarnings } from './steps/split-warnings.ts';

/**
 * Seconds for ten million events; the shares of the progress are in proportion to them. Measured on two cores and DuckDB
 * 1.5.6, in memory, on Parquet with integer ids.
 */
const integerCosts = { read: 0.45, judge: 0.03, countRows: 0.04, sort: 0.5, countEvents: 0.32 };
/** For text, estimated from two million events of TSV. */
const textCosts = { ...integerCosts, read: 1.3 };
/** `remove` and `count` are the two steps of a filter; `filterHeldOut` is a filter of a validation or test split. */
const costs = {
  remove: 0.1,
  count: 0.15,
  split: 0.18,
  filterHeldOut: 0.06,
  index: 0.07,
  order: 0.8,
  write: 1.3,
};

/** All stages in order; further rounds of `filterUntilStable` are added while it runs. */
export function stagesOf(work: Preparation): Stage[] {
  const { inputs } = work.options;
  const { read, judge, ...ofText } = inputs.every((file) => file.endsWith('.parquet'))
    ? integerCosts
    : textCosts;
  return [
    {
      stage: 'read',
      steps: [{ name: inputs[0] ?? '', share: read, run: (runner) => readLog(work, runner) }],
    },
    {
      stage: 'sort',
      steps: [
        { name: 'check rows', share: judge, run: () => judgeLog(work) },
        { name: 'check rows', share: ofText.countRows, run: () => countLog(work) },
      ],
    },
    {
      stage: 'sort',
      steps: [
        { name: 'sort into sessions', share: ofText.sort, run: (runner) => sortIntoSessions(work, runner) },
        { name: 'count', share: ofText.countEvents, run: () => countSessions(work) },
      ],
    },
    ...filterStages(work, 1),
    ...splitStages(work),
    {
      stage: 'split',
      steps: [{ name: 'number items', share: costs.index, run: () => numberItems(work) }],
    },
    {
      stage: 'write',
      steps: [{ name: 'order', share: costs.order, run: (runner) => writeOutput(work, runner) }],
    },
    { stage: 'write', steps: [{ name: 'train', share: costs.write }] },
  ];
}

async function readLog(work: Preparation, runner: StageRunner): Promise<void> {
  const { files, badRows, plain } = await work.db.read((file, index, count) =>
    runner.part(file, index / count, 1 / count),
  );
  work.files = files;
  work.unreadable = badRows;
  work.plain = plain;
  work.timeUnit ??= plain?.timeUnit;
  work.isWhole = plain !== undefined;
}

async function judgeLog(work: Preparation): Promise<void> {
  const { db, files, options, plain } = work;
  if (plain !== undefined) return;
  work.timeUnit ??= await detectTimeUnit(db, files);
  await judgeRows(db, work.timeUnit ?? 's', files, options);
}

async function countLog(work: Preparation): Promise<void> {
  const { db, files, unreadable, options, timeUnit, plain } = work;
  if (plain !== undefined) return;
  const counts = await countRows(db);
  await findAbsentTypes(db, options);
  if (counts.sound < counts.read) work.bad = await findBadRows(db, files, timeUnit, options);
  work.badRows = unreadable.count + counts.read - counts.sound;
  checkAnyRow(files, counts);
  work.kept = counts.kept;
  work.isWhole = counts.kept === counts.read && unreadable.count === 0 && options.testInputs === undefined;
  if (!work.isWhole) await recordRows(work, counts);
}

/** Adds the rows that were read to the funnel. */
async function recordRows(
  { db, options, funnel, unreadable }: Preparation,
  { read, sound }: RowCounts,
): Promise<void> {
  const { userColumn, eventTypes } = options;
  const add = async (step: string, among: keyof RowCounts, more = 0) => {
    const counts = await countDistinct(db, `judged WHERE ${rowFilters[among]}`);
    const sessions = userColumn === undefined ? counts.sessions : null;
    funnel.add('all', step, { ...counts, events: counts.events + more, sessions });
  };
  await add('rows read', 'read', unreadable.count);
  if (sound < read + unreadable.count) await add('bad rows', 'sound');
  if (eventTypes !== undefined) await add('other event types', 'kept');
}

async function sortIntoSessions(work: Preparation, runner: StageRunner): Promise<void> {
  const { db, files, options, workplace, plain, kept: rows } = work;
  const firstTestRow = files.find(({ isTest }) => isTest)?.firstRow ?? Number.MAX_SAFE_INTEGER;
  const onProgress = (fraction: number) => runner.report('sort into sessions', fraction);
  work.events = plain?.events ?? (await sessionize(db, { rows, firstTestRow, onProgress }, options));
  if (workplace.knownItems !== undefined) await work.events.learnItems(workplace.knownItems());
}

/** Adds the sessions to the funnel, and removes late ones. */
async function countSessions(work: Preparation): Promise<void> {
  const { userColumn, testInputs } = work.options;
  const { lateSessions } = work.workplace;
  if (work.isWhole) await recordEvents(work);
  if (userColumn !== undefined) await record(work, 'users cut into sessions', ['all']);
  if (testInputs !== undefined) await record(work, 'given split', splitsToFilter(work));
  if (lateSessions?.policy === 'drop')
    await applyFilter(work, lateFilter(lateSessions), splitsToFilter(work));
}

/** Adds the rows that were read to the funnel. Counts events, whose numbers are faster to count than names. */
async function recordEvents({ events, options, funnel }: Preparation): Promise<void> {
  const { userColumn, eventTypes } = options;
  const all = await events.count();
  const shown = { ...all, sessions: userColumn === undefined ? all.sessions : null };
  funnel.add('all', 'rows read', shown);
  if (eventTypes !== undefined) funnel.add('all', 'other event types', shown);
}

/** One stage per filter of a round. With `filterUntilStable` a round that removed events adds the next round. */
function filterStages(work: Preparation, round: number): Stage[] {
  const { options, funnel } = work;
  const filters = filterRound(options);
  const splits = splitsToFilter(work);
  return filters.map(({ step, apply }, index) => {
    const name = round === 1 ? step : `${step} (round ${round})`;
    const count = async (runner: StageRunner): Promise<void> => {
      await record(work, name, splits);
      if (!options.filterUntilStable || index < filters.length - 1) return;
      const rows = funnel.rows.slice(-filters.length * splits.length);
      if (rows.some(({ removedEvents }) => removedEvents > 0)) runner.insert(filterStages(work, round + 1));
    };
    const remove = () => apply(work.events);
    return {
      stage: 'filter',
      steps: [
        { name, share: costs.remove, run: remove },
        { name, share: costs.count, run: count },
      ],
    };
  });
}

function splitsToFilter({ options: { testInputs } }: Preparation): FunnelSplit[] {
  return testInputs === undefined ? ['all'] : ['train', 'test'];
}

/** The split by time, then the filters of the validation and test sessions. */
function splitStages(work: Preparation): Stage[] {
  const cuts = cutSplits.filter((split) => splitRule(work.options, split) !== undefined).length;
  const byTime = { name: 'by time', share: cuts * costs.split, run: () => splitByTime(work) };
  const filters = heldOutSplits(work.options).flatMap((split) =>
    [unknownItems(split), ...sessionFilters(work.options, splitNumbers[split])].map((filter) => ({
      name: `${split}: ${filter.step}`,
      share: costs.filterHeldOut,
      run: () => applyFilter(work, filter, [split]),
    })),
  );
  return [byTime, ...filters].map((step) => ({ stage: 'split', steps: [step] }));
}

async function splitByTime(work: Preparation): Promise<void> {
  const { events, options } = work;
  const cuts = cutSplits.flatMap((split) => {
    const rule = splitRule(options, split);
    return rule ? [{ split, rule }] : [];
  });
  if (cuts.length > 0) {
    const { sessions } = await events.count(splitNumbers.train);
    const file = options.inputs[0] ?? '';
    for (const cut of cuts) await cutOff(events, { ...cut, sessions: sessions ?? 0, file });
    await record(work, 'split by time', ['train', ...heldOutSplits(options)]);
  } else if (options.testInputs === undefined) await record(work, 'no split', ['train']);
}

async function numberItems(work: Preparation): Promise<void> {
  const { events, files, options, workplace, funnel, unreadable, bad, badRows } = work;
  const { lateSessions } = workplace;
  const late = lateSessions && (await countLate(events, lateSessions, options.inputs[0] ?? ''));
  if (late) await record(work, `late sessions kept: ${late}`, ['train']);
  checkSplits(work);
  work.warnings = splitWarnings({ options, funnel: funnel.rows, hours: await events.hours() });
  await events.numberItems();
  if (badRows === 0) return;
  const listed = sortedRows([...unreadable.listed, ...bad], files);
  await writeBadRows(join(workplace.folder, BAD_ROWS_FILE), { listed, count: badRows });
}

/** @throws DataError if a split has no sessions left. */
function checkSplits({ options, funnel }: Preparation): void {
  const splits: SplitName[] = ['train', ...heldOutSplits(options)];
  const empty = splits.find((name) => funnel.events([name]) === 0);
  if (empty === undefined) return;
  const last = funnel.rows.findLast((row) => row.removedEvents > 0);
  const reason = last ? ` The last step that removed events: ${last.step} (${last.removedEvents}).` : '';
  const file = (empty === 'test' ? options.testInputs?.[0] : undefined) ?? options.inputs[0];
  const message = `"${empty}" expected at least one session, got none left, at ${file}.${reason}`;
  throw new DataError(message, { file });
}

async function applyFilter(
  work: Preparation,
  { step, apply }: Filter,
  splits: readonly FunnelSplit[],
): Promise<void> {
  await apply(work.events);
  await record(work, step, splits);
}
