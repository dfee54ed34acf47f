import { resolve } from 'node:path';
import { replaceFile } from '@gru4rec/durable-files';
import { readImpact } from '@gru4rec/preprocess';
import type { Column, Table } from '@gru4rec/report';
import type { ImpactSection } from '@gru4rec/report/pages';
import { terminalTable } from '@gru4rec/report/table';
import { checkOutputFile } from '../arguments/folders.ts';
import { type ArgumentsOf, type Command, flag, parsed, required, text, texts } from '../arguments/options.ts';
import { duration } from '../arguments/values.ts';
import {
  type ArmJudgement,
  type FigureName,
  judgeImpact,
  LEAST_VISITORS,
  notesOf,
  type PlaceJudgement,
} from '../impact/judge.ts';
import type { Terminal } from '../terminal/terminal.ts';

const options = {
  events: required(texts('Folders that serve --event-log wrote, or folders of such folders')),
  within: parsed('How long after a list an order counts; 7d if not given', duration('7d or 12h')),
  currency: text('Unit of the values, such as EUR'),
  html: text('File for a page'),
  json: flag('Print one JSON object'),
};

type Arguments = ArgumentsOf<typeof options>;

export const command: Command = {
  usage:
    '$0 impact --events FOLDER [options]\n\nReports what lists earn: per place and arm what was shown, clicked and ordered, and how much more visitors of an arm spend than those of the control group, with intervals that may be looked at every day.',
  options,
  examples: ['--events events', '--events events --within 3d --html impact.html'],
  run: runImpact,
};

const WEEK_MS = 7 * 86_400_000;

async function runImpact(args: Arguments, { stdout, directory }: Terminal): Promise<void> {
  const inFolder = (path: string) => resolve(directory, path);
  const html = args.html && inFolder(args.html);
  if (html) await checkOutputFile(html, true);
  const folders = args.events.map(inFolder);
  const withinMs = args.within ?? WEEK_MS;
  const sums = await readImpact(folders, withinMs);
  const judged = judgeImpact(sums);
  if (args.json) stdout.writeJson({ withinMs, places: judged, days: sums.days });
  const within = `${Number((withinMs / 86_400_000).toPrecision(3))} days`;
  const sections = judged.map((one) => sectionOf(one, { within, currency: args.currency ?? '' }));
  if (!args.json) for (const section of sections) stdout.write(`${describe(section)}\n`);
  if (!html) return;
  const { impactHtml } = await import('@gru4rec/report/pages');
  await replaceFile(html, [Buffer.from(impactHtml('What lists earn', sections))]);
}

function describe({ sentence, warnings, tables, notes }: ImpactSection): string {
  const warned = warnings.map((warning) => `Warning: ${warning}\n`);
  return [`${sentence}\n`, ...warned, ...tables.map(terminalTable), `${notes.join(' ')}\n`].join('\n');
}

interface Words {
  readonly within: string;
  readonly currency: string;
}

const figureWords: Readonly<Record<FigureName, string>> = {
  revenue: 'revenue per visitor',
  rawRevenue: 'revenue per visitor, raw',
  orders: 'orders per visitor',
  clicksPerList: 'clicks per list',
};

function sectionOf(judged: PlaceJudgement, words: Words): ImpactSection {
  const courses = judged.judgements.filter(
    ({ course, figure }) => course.length > 1 && figure !== 'rawRevenue',
  );
  return {
    title: judged.place,
    sentence: sentenceOf(judged),
    warnings: judged.warnings,
    tables: [armTable(judged, words), ...(judged.judgements.length > 0 ? [comparisonTable(judged)] : [])],
    charts: courses.map(({ arm, control, figure, course, days }) => {
      const points = (value: (one: (typeof course)[number]) => number | undefined) =>
        course.map((one, at) => [days - course.length + at + 1, 100 * (value(one) ?? 0)] as const);
      return {
        title: `${arm} beside ${control}: ${figureWords[figure]}, %`,
        lines: [
          { name: 'more', points: points(({ relative }) => relative?.value) },
          { name: 'at most', points: points(({ relative }) => relative?.interval[1]) },
          { name: 'at least', points: points(({ relative }) => relative?.interval[0]) },
        ],
      };
    }),
    notes: notesOf(judged, words.within),
  };
}

const percents = (value: number) => (100 * value).toFixed(1);

function sentenceOf({ place, judgements, arms, isUneven }: PlaceJudgement): string {
  if (isUneven)
    return `Lists at "${place}" are not compared, because the arms have other sizes than they should.`;
  const judged = judgements.find(({ course }) => course.at(-1)?.relative);
  const last = judged?.course.at(-1);
  if (!judged || !last?.relative) {
    if (arms.length === 1) return `Lists at "${place}" have no other arm to be compared with.`;
    return `Lists at "${place}" cannot be compared yet: that takes ${count(LEAST_VISITORS)} visitors an arm whose time has passed.`;
  }
  const { arm, control, days } = judged;
  const { value, interval } = last.relative;
  const [least, most] = interval.map(percents);
  const size = `${percents(Math.abs(value))} % ${value < 0 ? 'less' : 'more'}`;
  const sure = interval[0] > 0 || interval[1] < 0 ? '' : ', which may be chance';
  const name = control === 'none' ? 'Lists' : `Lists of ${arm}`;
  const verb = judged.figure === 'revenue' ? 'earn' : 'bring';
  return `${name} at "${place}" ${verb} ${size} per visitor than ${control}${sure}; 95 %: ${least} to ${most}; day ${days}, ${count(last.visitors)} visitors.`;
}

const count = (value: number) => value.toLocaleString('en');
const money = (value: number) =>
  value.toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const numbers = (heads: readonly string[], format: (value: number) => string): Column[] =>
  heads.map((head) => ({ head, format }));

function armTable({ arms, usesShown }: PlaceJudgement, { currency }: Words): Table {
  const unit = currency && `, ${currency}`;
  return {
    columns: [
      { head: 'arm' },
      ...numbers(['visitors', 'robots', 'lists', 'seen', 'clicks'], count),
      { head: 'clicks per list', format: (value) => value.toFixed(4) },
      ...numbers(['carts', 'orders'], count),
      ...numbers(
        [`ordered after a click${unit}`, `ordered after seen${unit}`, `revenue per visitor${unit}`],
        money,
      ),
    ],
    rows: arms.map((arm) => {
      const seen = usesShown ? arm.shown : arm.lists;
      return [
        arm.arm,
        arm.visitors,
        arm.robots,
        arm.lists,
        seen,
        arm.clicks,
        arm.clicks / Math.max(1, seen),
        arm.carts,
        arm.orders,
        arm.revenue,
        arm.seenRevenue,
        arm.revenuePerVisitor,
      ];
    }),
  };
}

function comparisonTable({ judgements }: PlaceJudgement): Table {
  const range = (relative: ArmJudgement['withRobots']) => {
    const { value, interval } = relative?.relative ?? {};
    if (value === undefined || !interval) return undefined;
    return `${percents(value)} (${percents(interval[0])} to ${percents(interval[1])})`;
  };
  return {
    columns: [
      ...['arm', 'beside', 'figure'].map((head) => ({ head, align: 'left' as const })),
      { head: 'more, % (95 %)' },
      { head: 'with robots' },
      { head: 'days until 2 % would be seen' },
    ],
    rows: judgements.map((one) => [
      one.arm,
      one.control,
      figureWords[one.figure],
      range(one.course.at(-1)),
      range(one.withRobots),
      one.daysLeft === undefined ? undefined : count(one.daysLeft),
    ]),
  };
}
