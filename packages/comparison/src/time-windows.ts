import { contextJoined, contextSlice, contextWhere } from '@gru4rec/batcher';
import { UsageError } from '@gru4rec/checks';
import { itemFeaturesOf, type SessionDataset, type SessionTable } from '@gru4rec/dataset';
import { ItemIdTable } from '@gru4rec/dataset/ids';
import { mapMetrics, metricAt } from '@gru4rec/metrics';
import type { ComparisonReport, CutoffMeasures, Measure, ModelReport } from '@gru4rec/report';
import { mean, sampleStandardDeviation } from 'simple-statistics';

/** 95 % intervals of Student's t are known for up to this many windows. */
const MOST_WINDOWS = 20;

export interface TimeWindow {
  readonly dataset: SessionDataset;
  /** Times of the first and the last end of a session, milliseconds since 1970 UTC. */
  readonly from: number;
  readonly until: number;
}

interface Place {
  readonly table: SessionTable;
  readonly session: number;
  readonly end: number;
}

/**
 * Cuts a dataset into consecutive windows of equal time, each split as the dataset is: the last part of each is as long as the
 * dataset's own test split. A session belongs where its last click is.   (session-rec: Ludewig, Jannach 2018, UMUAI 28)
 * Events of test and validation whose item is not in the window's training are removed, and sessions left with one click.
 * @throws UsageError if a window or a part of it is too short; Error if the dataset has no test split.
 */
export function timeWindows(dataset: SessionDataset, count: number, data: string): TimeWindow[] {
  if (!Number.isSafeInteger(count) || count < 2 || count > MOST_WINDOWS) {
    throw new UsageError(`--windows expected an integer from 2 to ${MOST_WINDOWS}, got ${count}`);
  }
  const { train, validation, test } = dataset;
  if (!test) throw new Error(`--windows expected a dataset with a test split, got ${data} without`);
  const places = [train, validation, test].flatMap((table) => (table ? placesIn(table) : []));
  places.sort((a, b) => a.end - b.end);
  const [first, last] = [places[0]?.end ?? 0, places.at(-1)?.end ?? 0];
  const testStart = firstEnd(test);
  const [tested, validated] = [last - testStart, validation ? testStart - firstEnd(validation) : 0];
  const length = (last - first) / count;
  if (!(length > tested + validated)) {
    throw new UsageError(
      `--windows ${count} expected windows longer than the test and validation splits of ${data} ` +
        `(${days(tested + validated)}), got ${days(length)}. Use fewer windows`,
    );
  }
  return Array.from({ length: count }, (_, index) => {
    const from = first + index * length;
    const until = index === count - 1 ? last : first + (index + 1) * length;
    const inside = places.filter(({ end }) => end >= from && (end < until || index === count - 1));
    const cuts = [until - tested - validated, until - tested] as const;
    return { ...windowOf(dataset, inside, cuts, `window ${index + 1} of ${count}`), from, until };
  });
}

function windowOf(
  dataset: SessionDataset,
  places: readonly Place[],
  [validationFrom, testFrom]: readonly [number, number],
  name: string,
): Pick<TimeWindow, 'dataset'> {
  const ofTrain = places.filter(({ end }) => end < validationFrom);
  const support = new Int32Array(dataset.itemIds.length);
  for (const { items } of ofTrain.map(eventsOf))
    for (const item of items) support[item] = (support[item] ?? 0) + 1;
  const kept = Array.from(support.keys()).filter((item) => (support[item] ?? 0) > 0);
  const toWindow = new Int32Array(support.length).fill(-1);
  for (const [index, item] of kept.entries()) toWindow[item] = index;
  const tableOf = (from: number, until: number) =>
    tableFrom(
      places.filter(({ end }) => end >= from && end < until),
      toWindow,
    );
  const [train, test] = [tableFrom(ofTrain, toWindow), tableOf(testFrom, Number.POSITIVE_INFINITY)];
  const validation = dataset.validation && tableOf(validationFrom, testFrom);
  for (const [part, table] of Object.entries({ train, validation, test })) {
    if (!table || table.sessionIds.length > 0) continue;
    throw new UsageError(`--windows: ${name} has no ${part} session of two known clicks. Use fewer windows`);
  }
  const { directory, manifest, contextColumns } = dataset;
  const itemIds = ItemIdTable.from(kept.map((item) => dataset.itemIds.at(item) ?? ''));
  const items = { itemIds, support: Int32Array.from(kept, (item) => support[item] ?? 0) };
  return {
    dataset: {
      directory,
      manifest,
      train,
      test,
      ...items,
      itemFeatures: itemFeaturesOf(directory, manifest, items),
      validation,
      contextColumns,
    },
  };
}

function placesIn(table: SessionTable): Place[] {
  return Array.from(table.sessionIds.keys(), (session) => ({ table, session, end: endOf(table, session) }));
}

function endOf({ sessionOffsets, times }: SessionTable, session: number): number {
  return Number(times[(sessionOffsets[session + 1] ?? 1) - 1] ?? 0n);
}

function firstEnd(table: SessionTable): number {
  return placesIn(table).reduce((least, { end }) => Math.min(least, end), Number.POSITIVE_INFINITY);
}

function eventsOf({ table, session }: Place): Pick<SessionTable, 'items' | 'times' | 'context'> {
  const { sessionOffsets, items, times } = table;
  const [first = 0, end = 0] = sessionOffsets.subarray(session, session + 2);
  return {
    items: items.subarray(first, end),
    times: times.subarray(first, end),
    ...contextSlice(table, first, end),
  };
}

/** Sessions of two clicks or more, by start, with the items of the window. */
function tableFrom(places: readonly Place[], toWindow: Int32Array): SessionTable {
  const startOf = ({ table, session }: Place) => table.sessionStartTimes[session] ?? 0;
  const sessions = [...places]
    .sort((a, b) => startOf(a) - startOf(b))
    .map((place) => {
      const events = eventsOf(place);
      const { items } = events;
      const known = Array.from(items.keys()).filter((event) => (toWindow[items[event] ?? 0] ?? -1) >= 0);
      return { place, ...events, known };
    })
    .filter(({ known }) => known.length > 1);
  const offsets = new Int32Array(sessions.length + 1);
  for (const [index, { known }] of sessions.entries())
    offsets[index + 1] = (offsets[index] ?? 0) + known.length;
  const items = new Int32Array(offsets.at(-1) ?? 0);
  const times = new BigInt64Array(items.length);
  let at = 0;
  for (const session of sessions) {
    for (const event of session.known) {
      items[at] = toWindow[session.items[event] ?? 0] ?? 0;
      times[at++] = session.times[event] ?? 0n;
    }
  }
  const contexts = sessions.map((session) => {
    const isKnown = new Set(session.known);
    const context = contextWhere(session, (event) => isKnown.has(event));
    return { items: session.items.filter((_, event) => isKnown.has(event)), ...context };
  });
  return {
    sessionIds: sessions.map(({ place: { table, session } }) => table.sessionIds[session] ?? ''),
    sessionOffsets: offsets,
    items,
    times,
    ...contextJoined(contexts),
    sessionStartTimes: Float64Array.from(offsets.subarray(0, -1), (start) => Number(times[start] ?? 0n)),
  };
}

function days(milliseconds: number): string {
  return `${(milliseconds / 86_400_000).toFixed(1)} days`;
}

/** 97.5 % quantiles of Student's t for 1, 2, … 19 degrees of freedom. */
const T = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228],
  ...[2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093],
];

/** Means over the windows, with intervals of Student’s t, and the figures of each. */
export function joinWindows(
  reports: readonly ComparisonReport[],
  cut: readonly Pick<TimeWindow, 'from' | 'until'>[],
  items: number,
): ComparisonReport {
  const [first] = reports as [ComparisonReport];
  const { title, breakdownCutoff } = first;
  const windows = reports.length;
  return {
    title: `${title}, ${windows} windows`,
    origin: { ...first.origin, windows, ...totals(reports), items },
    warnings: reports.flatMap(({ warnings }, index) =>
      warnings.map((text) => `Window ${index + 1}: ${text}`),
    ),
    breakdownCutoff,
    models: first.models.map((_, place) =>
      joinModels(reports.map(({ models }) => models[place] as ModelReport)),
    ),
    windows: reports.map(({ models, origin }, index) => ({
      from: dateOf(cut[index]?.from),
      until: dateOf(cut[index]?.until),
      sessions: Number(origin['sessions']),
      predictions: Number(origin['predictions']),
      models: models.map(({ name, results }) => ({ name, results })),
    })),
  };
}

function totals(reports: readonly ComparisonReport[]): Record<'predictions' | 'sessions', number> {
  const sum = (key: string) => reports.reduce((total, { origin }) => total + Number(origin[key]), 0);
  return { predictions: sum('predictions'), sessions: sum('sessions') };
}

function dateOf(time = 0): string {
  return new Date(time).toISOString().slice(0, 10);
}

function joinModels(models: readonly ModelReport[]): ModelReport {
  const [first] = models as readonly [ModelReport];
  const meanOf = (of: (model: ModelReport) => number) => mean(models.map(of));
  return {
    name: first.name,
    options: first.options,
    runs: models.reduce((total, { runs }) => total + runs, 0),
    results: first.results.map((_, place) =>
      joinResults(models.map(({ results }) => results[place] as CutoffMeasures)),
    ),
    fitSeconds: meanOf(({ fitSeconds }) => fitSeconds),
    evaluateSeconds: meanOf(({ evaluateSeconds }) => evaluateSeconds),
    memoryMiB: meanOf(({ memoryMiB }) => memoryMiB),
    byPosition: [],
    byPopularity: [],
    byLength: [],
    curves: [],
  };
}

function joinResults(results: readonly CutoffMeasures[]): CutoffMeasures {
  const [first] = results as readonly [CutoffMeasures];
  const measure = (name: string) => overWindows(results.map((result) => metricAt(result, name).mean));
  const measured = Object.keys(first.own ?? {}).map((label) => [label, measure(label)]);
  return {
    cutoff: first.cutoff,
    ...mapMetrics(measure),
    ...(first.own && { own: Object.fromEntries(measured) }),
    coverage: mean(results.map(({ coverage }) => coverage)),
    popularityBias: mean(results.map(({ popularityBias }) => popularityBias)),
  };
}

/** Mean ± t · sd / √windows, within [0, 1]. */
function overWindows(values: readonly number[]): Measure {
  const [middle, sd] = [mean([...values]), sampleStandardDeviation([...values])];
  const reach = ((T[values.length - 2] ?? Number.POSITIVE_INFINITY) * sd) / Math.sqrt(values.length);
  return { mean: middle, sd, interval: [Math.max(0, middle - reach), Math.min(1, middle + reach)] };
}
