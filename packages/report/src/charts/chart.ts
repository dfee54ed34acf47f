import { html, Markup } from '../html/markup.ts';
import type { ModelReport } from '../report.ts';
import { drawSvg } from './draw-svg.ts';

/** Number of models with a distinct colour; more colours would be hard to distinguish. */
export const HIGHLIGHTED = 5;

/** CSS variables of the colours, which the style sheet defines for both schemes. */
export const INK = 'var(--ink)';
export const SOFT = 'var(--soft)';
export const LINE = 'var(--line)';

export interface Look {
  readonly color: string;
  readonly symbol: string;
  readonly dash: 'solid' | 'dashed' | 'dotted' | number[];
  readonly highlighted: boolean;
}

const GREY: Look = { color: 'var(--other)', symbol: 'circle', dash: 'solid', highlighted: false };

/** Shape and dash distinguish models where colours cannot: in print and for colour-blind readers. */
const LOOKS: readonly Pick<Look, 'symbol' | 'dash'>[] = [
  { symbol: 'circle', dash: 'solid' },
  { symbol: 'rect', dash: 'dashed' },
  { symbol: 'triangle', dash: 'dotted' },
  { symbol: 'diamond', dash: [8, 3, 2, 3] },
  { symbol: 'roundRect', dash: [2, 2, 6, 2] },
];

export function lookOf(rank: number): Look {
  const look = LOOKS[rank];
  return look ? { ...look, color: `var(--c${rank + 1})`, highlighted: true } : GREY;
}

/** The colour of its model, and the shape and dash of the seed's position. */
export function seedLook(rank: number, place: number): Look {
  const { color, highlighted } = lookOf(rank);
  const { symbol, dash } = lookOf(place % HIGHLIGHTED);
  return { color: highlighted ? color : 'var(--other-dot)', symbol, dash, highlighted };
}

/** Which models a chart shows in grey. */
export function greyNote(models: readonly ModelReport[]): string {
  const others = models.length - HIGHLIGHTED;
  if (others <= 0) return '';
  return `In colour: the best ${HIGHLIGHTED} by MRR. Grey: the other ${others === 1 ? 'model' : `${others} models`}.`;
}

/** Width in pixels, at which a phone shows a chart unscaled; wider pages put charts side by side. */
export const CHART_WIDTH = 360;

export const FONT_SIZE = 12;

export type ChartPart = Readonly<Record<string, unknown>>;

export interface Chart {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly height: number;
  readonly option: ChartPart;
}

/** Draws an `svg` element; equal charts give equal texts, whatever was drawn before. */
export function renderChart({ id, title, description, height, option }: Chart): Markup {
  const whole = { animation: false, textStyle: { fontFamily: 'system-ui,sans-serif' }, ...option };
  const body = drawSvg(whole, { width: CHART_WIDTH, height })
    .replace(/^<svg [^>]*>/, '')
    .replace(/<style >[\s\S]*?<\/style>/, '')
    // A page whose policy forbids inline styles shows attributes.
    .replace(/ style="font-size:(\w+);font-family:([\w,-]+);"/g, ' font-size="$1" font-family="$2"')
    .replace(/ (?:ecmeta_\w+|xml:space|pointer-events|class)="[^"]*"/g, '')
    .replace(/ (id="|[\w-]+="url\(#)zr\d+-/g, ` $1${id}-`);
  return html`<svg id="${id}" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-description" width="${CHART_WIDTH}" height="${height}" viewBox="0 0 ${CHART_WIDTH} ${height}"><title id="${id}-title">${title}</title><desc id="${id}-description">${description}</desc>${new Markup(body)}`;
}
