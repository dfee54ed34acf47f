import { metricAt, type RankGroup } from '@gru4rec/metrics';
import {
  alike,
  fraction,
  memoryAlike,
  percent,
  type Quantity,
  ratio,
  secondsAlike,
  signed,
  whole,
} from './figures.ts';
import {
  type ComparisonReport,
  type Example,
  type GateOutcome,
  type ModelReport,
  metricLook,
  namesOfMetrics,
  resultAt,
  shownPlaces,
} from './report.ts';
import { type CaptionedTable, type Cell, type Column, listTable, type Table } from './table.ts';
import { describeOptions, formatOrigin, oneLine } from './text.ts';

function tableOf(
  models: readonly ModelReport[],
  columns: readonly (Column & { readonly of: (model: ModelReport) => Cell })[],
  caption?: string,
): Table {
  return {
    caption,
    columns: [{ head: 'model' }, ...columns],
    rows: models.map((model) => [model.name, ...columns.map(({ of }) => of(model))]),
  };
}

/** The figures for lists of one length. @param place - index of the cutoff. */
export function resultsTable(models: readonly ModelReport[], place: number): Table {
  const cutoff = models[0]?.results[place]?.cutoff;
  const measures = namesOfMetrics(models).map((name) => {
    const { label, secondary } = metricLook(name);
    return {
      head: `${label}@${cutoff}`,
      format: fraction,
      best: true,
      rank: secondary ? 5 : 0,
      of: (model: ModelReport) => metricAt(resultAt(model, place), name),
    };
  });
  const columns = [
    ...measures,
    { head: 'coverage', format: percent, rank: 4, of: (m: ModelReport) => resultAt(m, place).coverage },
    {
      head: 'popularity bias',
      format: ratio,
      rank: 4,
      of: (m: ModelReport) => resultAt(m, place).popularityBias,
    },
    ...(models.some((m) => resultAt(m, place).intraListDistance !== undefined)
      ? [
          {
            head: 'intra-list distance',
            format: fraction,
            of: (m: ModelReport) => resultAt(m, place).intraListDistance,
          },
        ]
      : []),
  ];
  return tableOf(models, columns, `Lists of ${cutoff} items`);
}

export function legendOf(
  models: readonly ModelReport[],
  best: string,
  { windows }: Pick<ComparisonReport, 'windows'>,
): string {
  const measures = models.flatMap(({ results }) =>
    results.flatMap((result) => namesOfMetrics(models).map((name) => metricAt(result, name))),
  );
  const parts = [`${best}: best of the column`];
  if (measures.some(({ sd }) => sd !== undefined))
    parts.push(`±: standard deviation over ${windows ? 'windows' : 'seeds'}`);
  if (measures.some(({ interval }) => interval !== undefined))
    parts.push(
      windows ? "95 %: interval of the mean over windows (Student's t)" : '95 %: interval by session',
    );
  if (measures.some(({ p }) => p !== undefined)) {
    parts.push('p: against the best, two-sided, paired by session, not corrected for the number of models');
  }
  return `${parts.join('; ')}.`;
}

export interface Cost {
  readonly key: 'fitSeconds' | 'evaluateSeconds' | 'memoryMiB';
  readonly id: string;
  readonly name: string;
  readonly alike: (values: readonly number[]) => Quantity;
}

export const COSTS: readonly Cost[] = [
  { key: 'fitSeconds', id: 'fit', name: 'Time to fit', alike: secondsAlike },
  { key: 'memoryMiB', id: 'memory', name: 'Memory of the fitted model', alike: memoryAlike },
  { key: 'evaluateSeconds', id: 'evaluate', name: 'Time to evaluate', alike: secondsAlike },
];

export function costTable(models: readonly ModelReport[]): Table {
  const costs = COSTS.map(({ key, id, alike: quantityOf }, rank) => {
    const { unit, format } = quantityOf(models.map((model) => model[key]));
    return { head: `${id}, ${unit}`, format, rank, of: (model: ModelReport) => model[key] };
  });
  const bytesEach = ({ index }: ModelReport) => index && index.bytes / index.sessions;
  const each = alike(models.flatMap((model) => bytesEach(model) ?? []));
  return tableOf(models, [
    ...costs,
    { head: 'runs', format: whole, rank: 3, of: ({ runs }) => runs },
    { head: 'sessions kept', format: whole, rank: 4, of: ({ index }) => index?.sessions },
    { head: 'bytes each', format: each, rank: 5, of: bytesEach },
  ]);
}

const SHOWN = ['recall', 'mrr'] as const;

/** The figures of each time window, and what the cells are; undefined without windows. */
export function windowsTable(
  models: readonly ModelReport[],
  { windows = [] }: Pick<ComparisonReport, 'windows'>,
): CaptionedTable | undefined {
  if (windows.length === 0) return undefined;
  const [place = 0] = shownPlaces(models);
  const columns = windows.map(({ from, until, models: ofWindow }, rank) => ({
    head: `${from} to ${until}`,
    rank,
    of: ({ name }: ModelReport) => {
      const result = ofWindow.find((model) => model.name === name)?.results[place];
      return SHOWN.map((key) => (result ? fraction(result[key].mean) : '')).join(' / ');
    },
  }));
  const cutoff = models[0]?.results[place]?.cutoff ?? '';
  const labels = SHOWN.map((key) => `${metricLook(key).label}@${cutoff}`);
  return { ...tableOf(models, columns), caption: `Figures by window, ${labels.join(' / ')}.` };
}

/** `new >= old recall@20 passed: +0.0062, 95 % +0.0011 to +0.0113` */
export function describeGate({ gate, passed, difference, interval }: GateOutcome): string {
  const range = interval ? `, 95 % ${signed(interval[0])} to ${signed(interval[1])}` : '';
  return `${gate} ${passed ? 'passed' : 'failed'}: ${signed(difference)}${range}`;
}

export interface Breakdown {
  readonly key: 'byTraining' | 'byPosition' | 'byPopularity' | 'byLength' | 'byType' | 'byVisitor';
  readonly id: string;
  readonly name: string;
  /** What the groups differ in, for titles. */
  readonly axis: string;
}

export const BREAKDOWNS: readonly Breakdown[] = [
  { key: 'byPosition', id: 'position', name: 'By position in the session', axis: 'clicks seen' },
  {
    key: 'byPopularity',
    id: 'popularity',
    name: 'By popularity of the item',
    axis: 'popularity of the item',
  },
  { key: 'byLength', id: 'length', name: 'By length of the session', axis: 'clicks in the session' },
  {
    key: 'byTraining',
    id: 'training',
    name: 'By whether the item has training clicks',
    axis: 'warm: with training clicks, cold: without',
  },
  { key: 'byType', id: 'type', name: 'By type of the click', axis: 'type of the click' },
  { key: 'byVisitor', id: 'visitor', name: 'Clicks of visitors', axis: 'whether the visitor returns' },
];

export function groupsOf(models: readonly ModelReport[], { key }: Breakdown): RankGroup[] {
  const groups = new Map<string, RankGroup>();
  for (const model of models) {
    for (const group of model[key] ?? []) if (!groups.has(group.label)) groups.set(group.label, group);
  }
  return [...groups.values()];
}

export function groupOf(model: ModelReport, { key }: Breakdown, label: string): RankGroup | undefined {
  return model[key]?.find((group) => group.label === label);
}

/** The last row has the number of predictions; undefined without groups. */
export function breakdownTable(
  models: readonly ModelReport[],
  breakdown: Breakdown,
  cutoff: number,
): CaptionedTable | undefined {
  const groups = groupsOf(models, breakdown);
  if (groups.length === 0) return undefined;
  const columns = groups.map(({ label }, rank) => ({
    head: shownItem(label),
    rank,
    of: (model: ModelReport) => {
      const group = groupOf(model, breakdown, label);
      return group ? `${fraction(group.recall)} / ${fraction(group.mrr)}` : '–';
    },
  }));
  const table = tableOf(models, columns);
  const figures = groups.map(({ baseline: of }) =>
    of ? `${fraction(of.recall)} / ${fraction(of.mrr)}` : '–',
  );
  const baseline = groups.some((group) => group.baseline)
    ? [['earlier items, then popular', ...figures]]
    : [];
  const totals = ['predictions', ...groups.map(({ predictions }) => whole(predictions))];
  const caption = `${breakdown.name}: recall@${cutoff} / MRR@${cutoff}`;
  return { ...table, rows: [...table.rows, ...baseline, totals], caption };
}

const ITEM_CHARACTERS = 40;

export function examplesTable({ examples }: Pick<ComparisonReport, 'examples'>): CaptionedTable | undefined {
  if (examples === undefined || examples.predictions.length === 0) return undefined;
  const [first, second] = [examples.first, examples.second].map(oneLine);
  return {
    caption: `Predictions on which ${first} and ${second} differ most, and the rank that each gives to the next item.`,
    columns: [
      { head: 'clicks' },
      { head: 'next', align: 'left' },
      { head: `rank by ${first}` },
      { head: `rank by ${second}` },
    ],
    rows: examples.predictions.map(exampleRow),
  };
}

function exampleRow({ clicks, earlier, next, ranks }: Example): string[] {
  const listed = clicks.map(shownItem).join(' → ');
  const before = earlier === 0 ? listed : `… ${whole(earlier)} earlier → ${listed}`;
  return [before, shownItem(next), ...ranks.map((rank) => (rank === null ? 'excluded' : whole(rank)))];
}

function shownItem(item: string): string {
  const characters = [...oneLine(item)];
  if (characters.length <= ITEM_CHARACTERS) return characters.join('');
  return `${characters.slice(0, ITEM_CHARACTERS - 1).join('')}…`;
}

/** What is needed to reproduce the figures, and the options of the models. */
export function originTables({ origin, models }: ComparisonReport): Table[] {
  const entries = Object.entries(origin).map(([key, value]) => [key, formatOrigin(value)] as const);
  const options = models.map(({ name, options: chosen }) => [name, describeOptions(chosen)] as const);
  const tables = [listTable(['model', 'options'], options)];
  return entries.length > 0 ? [listTable(['what', 'value'], entries), ...tables] : tables;
}
