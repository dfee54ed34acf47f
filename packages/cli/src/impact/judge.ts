import {
  type ArmComparison,
  type ArmFigure,
  compareArms,
  meanFigure,
  ratioFigure,
  sizesEvidence,
  visitorsFor,
} from '@gru4rec/metrics';
import {
  CAPPED_AT,
  type ImpactSums,
  type PlaceDay,
  ROBOT_CLICKS,
  type VisitorDay,
} from '@gru4rec/preprocess';

/** Fewer visitors of an arm say nothing. */
export const LEAST_VISITORS = 1000;
/** Nothing is compared if the sizes of the arms are less probable. */
const LEAST_CHANCE = 1e-3;
/** The effect of which the report says when it would be seen. */
const SMALL_EFFECT = 0.02;

/** What is compared per visitor; `revenue` is capped. */
export const figureNames = ['revenue', 'rawRevenue', 'orders', 'clicksPerList'] as const;
export type FigureName = (typeof figureNames)[number];

/** An arm beside the control, with all visitors whose first list was until the day. */
export interface DayComparison extends Pick<ArmComparison, 'difference' | 'relative'> {
  readonly day: string;
  readonly visitors: number;
}

/** How an arm compares with the control. */
export interface ArmJudgement {
  readonly arm: string;
  readonly control: string;
  readonly figure: FigureName;
  /** Without robots, from the first day with enough visitors. */
  readonly course: readonly DayComparison[];
  /** Days on which visitors came. */
  readonly days: number;
  /** On the last day, with robots. */
  readonly withRobots: Pick<ArmComparison, 'difference' | 'relative'> | undefined;
  /** Until an effect of 2 % would be seen in half of all experiments; undefined if nothing can be said. */
  readonly daysLeft: number | undefined;
}

/** What the lists of an arm at a place became. */
export interface ArmTotals extends Omit<PlaceDay, 'place' | 'day'> {
  /** Visitors whose time has passed, without robots. */
  readonly visitors: number;
  readonly robots: number;
  readonly revenuePerVisitor: number;
}

/** What the lists of a place earn. */
export interface PlaceJudgement {
  readonly place: string;
  readonly arms: readonly ArmTotals[];
  readonly judgements: readonly ArmJudgement[];
  readonly warnings: readonly string[];
  /** Whether the sizes of the arms are not by chance, so that nothing is compared. */
  readonly isUneven: boolean;
  readonly moved: number;
  readonly waiting: number;
  readonly cap: number;
  readonly usesShown: boolean;
}

/** Judges each place by itself. The control is the arm `none`, else the one with most visitors. */
export function judgeImpact({ days, visitors, places }: ImpactSums): PlaceJudgement[] {
  return places.map(({ place, moved, waiting, cap, usesShown }) => {
    const rows = visitors.filter((row) => row.place === place);
    const people = rows.filter(({ robots }) => !robots);
    const lists = days.filter((one) => one.place === place);
    const arms = [...new Set([...lists, ...rows].map(({ arm }) => arm))].sort();
    const sizeOf = (arm: string) => sum(people, arm, ({ visitors: count }) => count);
    const control = arms.includes('none') ? 'none' : arms.reduce((a, b) => (sizeOf(b) > sizeOf(a) ? b : a));
    const evidence = sizesEvidence(sizesByDay(rows, arms));
    const isUneven = evidence > -Math.log(LEAST_CHANCE);
    const warnings = [
      ...(isUneven ? [unevenSizes(arms, rows)] : []),
      ...(new Set(rows.map(({ arm, share }) => `${arm} ${share.toFixed(3)}`)).size > arms.length
        ? ['The shares of the arms changed: their visitors came at different times']
        : []),
      ...(moved > 0 ? [`${moved} visitors are left out, because their arm changed`] : []),
    ];
    const others = arms.filter((arm) => arm !== control && !isUneven);
    return {
      place,
      moved,
      waiting,
      cap,
      usesShown,
      warnings,
      isUneven,
      arms: arms.map((arm) => totalsOf(arm, lists, rows)),
      judgements: others.flatMap((arm) =>
        figureNames
          .filter((figure) => figure !== 'clicksPerList' || control !== 'none')
          .map((figure) => judge(rows, { arm, control, figure })),
      ),
    };
  });
}

function totalsOf(arm: string, lists: readonly PlaceDay[], rows: readonly VisitorDay[]): ArmTotals {
  const people = rows.filter(({ robots }) => !robots);
  const visitors = sum(people, arm, (one) => one.visitors);
  return {
    arm,
    visitors,
    robots: sum(rows, arm, (one) => one.visitors) - visitors,
    lists: sum(lists, arm, (one) => one.lists),
    shown: sum(lists, arm, ({ shown }) => shown),
    clicks: sum(lists, arm, ({ clicks }) => clicks),
    carts: sum(lists, arm, ({ carts }) => carts),
    orders: sum(lists, arm, ({ orders }) => orders),
    revenue: sum(lists, arm, ({ revenue }) => revenue),
    seenRevenue: sum(lists, arm, ({ seenRevenue }) => seenRevenue),
    revenuePerVisitor: sum(people, arm, ({ revenue }) => revenue) / Math.max(1, visitors),
  };
}

function judge(
  rows: readonly VisitorDay[],
  { arm, control, figure }: Pick<ArmJudgement, 'arm' | 'control' | 'figure'>,
): ArmJudgement {
  const people = rows.filter(({ robots }) => !robots);
  const days = [...new Set(people.map(({ day }) => day))];
  const until = (some: readonly VisitorDay[], last: string) => {
    const counted = some.filter(({ day }) => day <= last);
    const [first, second] = [arm, control].map((name) => figureOf(counted, name, figure));
    if (!first || !second || Math.min(first.count, second.count) < LEAST_VISITORS) return undefined;
    return { visitors: first.count + second.count, ...compareArms(first, second) };
  };
  const compared = days.flatMap((day) => {
    const comparison = until(people, day);
    return comparison ? { day, ...comparison } : [];
  });
  const [last, lastDay = ''] = [compared.at(-1), days.at(-1)];
  const perDay = (last?.visitors ?? 0) / days.length;
  const missing = last?.relative && visitorsFor(SMALL_EFFECT, last.relativeVariance) - last.visitors;
  return {
    arm,
    control,
    figure,
    course: compared.map(({ day, visitors, difference, relative }) => ({
      day,
      visitors,
      difference,
      relative,
    })),
    withRobots: until(rows, lastDay),
    days: days.length,
    daysLeft: missing === undefined ? undefined : Math.max(0, Math.ceil(missing / perDay)),
  };
}

function figureOf(rows: readonly VisitorDay[], arm: string, figure: FigureName): ArmFigure {
  const of = (name: SumName) => sum(rows, arm, (row) => row[name]);
  const count = of('visitors');
  if (figure !== 'clicksPerList') {
    const [total, squares] = sumNames[figure];
    return meanFigure(count, of(total), of(squares));
  }
  return ratioFigure({
    count,
    sums: [of('clicks'), of('lists')],
    squares: [of('clicks2'), of('lists2')],
    products: of('products'),
  });
}

type SumName = Exclude<keyof VisitorDay, 'place' | 'arm' | 'day' | 'robots' | 'share'>;

/** The sums of a value per visitor, and of its squares. */
const sumNames = {
  revenue: ['capped', 'capped2'],
  rawRevenue: ['revenue', 'revenue2'],
  orders: ['orders', 'orders2'],
} as const;

function sizesByDay(rows: readonly VisitorDay[], arms: readonly string[]) {
  return [...new Set(rows.map(({ day }) => day))].map((day) => {
    const of = arms.map((arm) => rows.filter((row) => row.day === day && row.arm === arm));
    const counts = of.map((some) => some.reduce((all, { visitors }) => all + visitors, 0));
    return { counts, shares: arms.map((arm) => shareOf(rows, arm, day)) };
  });
}

/** The share on the day; on another one if the arm had no visitor. */
function shareOf(rows: readonly VisitorDay[], arm: string, day: string): number {
  const days = rows.filter((row) => row.arm === arm);
  return (days.find((row) => row.day === day) ?? days[0])?.share ?? 0;
}

function unevenSizes(arms: readonly string[], rows: readonly VisitorDay[]): string {
  const sizes = arms.map((arm) => {
    const share = rows.find((row) => row.arm === arm)?.share ?? 0;
    return `${arm} ${sum(rows, arm, ({ visitors }) => visitors)} (share ${share.toFixed(3)})`;
  });
  return `These sizes of the arms are not by chance: ${sizes.join(', ')}. Look for requests without a session, pages that are cached, or arms that fail`;
}

function sum<Row extends { readonly arm: string }>(
  rows: readonly Row[],
  arm: string,
  value: (row: Row) => number,
): number {
  return rows.reduce((all, row) => all + (row.arm === arm ? value(row) : 0), 0);
}

/** What the figures leave out, for people. */
export function notesOf({ waiting, cap, usesShown }: PlaceJudgement, within: string): string[] {
  return [
    `Visitors count once, ${within} after their first list; ${waiting.toLocaleString('en')} still wait.`,
    `A visitor's revenue counts up to ${cap.toFixed(2)}, which ${Math.round(1000 * (1 - CAPPED_AT))} of 1,000 exceed; "raw" is without that limit.`,
    `Visitors with more than ${ROBOT_CLICKS} clicks before their first list are robots.`,
    usesShown
      ? 'Seen are lists of which the page showed something.'
      : 'No page says what was seen, so all answered lists count as seen.',
  ];
}
