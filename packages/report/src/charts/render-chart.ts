import { html, Markup } from '../html/markup.ts';
import { drawSvg } from './draw-svg.ts';

/** Width in pixels, at which a phone shows a chart unscaled; wider pages put charts side by side. */
export const CHART_WIDTH = 360;

export const FONT_SIZE = 12;

export type ChartPart = Readonly<Record<string, unknown>>;

export interface Chart {
  /** Unique in the page; lower-case letters, digits and hyphens. */
  readonly id: string;
  readonly title: string;
  /** Describes the chart for readers who cannot see it. */
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
    .replace(/ (?:ecmeta_\w+|xml:space|pointer-events|class)="[^"]*"/g, '')
    .replace(/ (id="|[\w-]+="url\(#)zr\d+-/g, ` $1${id}-`);
  return new Markup(`${opening(id, title, description, height)}${body}`);
}

function opening(id: string, title: string, description: string, height: number): Markup {
  return html`<svg id="${id}" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-description" width="${CHART_WIDTH}" height="${height}" viewBox="0 0 ${CHART_WIDTH} ${height}"><title id="${id}-title">${title}</title><desc id="${id}-description">${description}</desc>`;
}
