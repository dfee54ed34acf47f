import { HIGHLIGHTED, type Look, lookOf } from '../charts/palette.ts';
import type { ModelReport } from '../report.ts';
import { html, Markup, nameMarkup } from './markup.ts';

/** The legend of the best models, with full names, which charts have no room for. */
export function legendKeys(ranked: readonly ModelReport[]): Markup {
  const keys = ranked
    .slice(0, HIGHLIGHTED)
    .map(({ name }, rank) => html`<li>${sample(lookOf(rank))}${nameMarkup(name)}</li>`);
  const others = ranked.length - HIGHLIGHTED;
  if (others > 0) {
    keys.push(html`<li>${sample(lookOf(HIGHLIGHTED))}${others === 1 ? '1 other' : `${others} others`}</li>`);
  }
  return html`<ul class="legend">
${keys}
</ul>`;
}

const SHAPES: Readonly<Record<Look['symbol'], string>> = {
  circle: '<circle cx="16" cy="6" r="3.5"/>',
  rect: '<path d="M13 3h6v6h-6z"/>',
  triangle: '<path d="M16 2.5l4 7h-8z"/>',
  diamond: '<path d="M16 1.5l4 4.5-4 4.5-4-4.5z"/>',
  roundRect: '<rect x="12.5" y="2.5" width="7" height="7" rx="2"/>',
};
const DASHES: Readonly<Record<string, string>> = { solid: 'none', dashed: '8 4', dotted: '2 2' };

/** A sample of a line in the style of the charts. */
function sample({ color, symbol, dash, highlighted }: Look): Markup {
  const dashes = typeof dash === 'string' ? (DASHES[dash] ?? 'none') : dash.join(' ');
  const shape = new Markup(highlighted ? (SHAPES[symbol] ?? '') : '');
  return html`<svg viewBox="0 0 32 12" aria-hidden="true" style="color:${color}"><path class="stroke" d="M0 6H32" stroke-dasharray="${dashes}"/>${shape}</svg>`;
}
