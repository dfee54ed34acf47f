import { metricNames } from '@gru4rec/metrics';
import { describe, expect, it } from 'vitest';
import { nameMarkup } from '../../src/html/markup.ts';
import { comparisonHtml } from '../../src/html/sections.ts';
import type { ComparisonReport } from '../../src/report.ts';
import { formatOrigin } from '../../src/text.ts';
import { fakeReport, reportOf, smallReport } from '../fake-report.ts';

const page = comparisonHtml(fakeReport);
const count = (text: string, part: string | RegExp): number => text.split(part).length - 1;

/** Two models with breakdowns, curves and costs. */
const two = { ...fakeReport, models: fakeReport.models.slice(-2) };

/** Every string of the report is this one. */
function withStrings(text: string): ComparisonReport {
  return {
    ...two,
    title: text,
    origin: { [text]: text },
    warnings: [text],
    examples: {
      first: text,
      second: text,
      predictions: [{ clicks: [text, text], earlier: 1, next: text, ranks: [1, null] }],
    },
    models: two.models.map((model, place) => ({
      ...model,
      name: `${text}${place}`,
      options: { [text]: text },
      byPosition: model.byPosition.map((group, index) => ({ ...group, label: `${text}${index}` })),
    })),
  };
}

const elementsOf = (text: string) =>
  new Set([...text.matchAll(/<\/?([a-zA-Z!]\w*)/g)].map(([, name]) => name));

describe('comparisonHtml', () => {
  it('begins with the headline and the warnings', () => {
    expect(page).toMatch(
      /<p class="headline">best leads: its MRR@20 of 0\.2904 is 0\.4\u00a0% above .* VSTAN \(p\u00a00\.242\)/,
    );
    expect(page).toContain(`<title>${fakeReport.title}</title>`);
    expect(page).toContain('</svg>2 warnings</h2>');
    expect(page.indexOf('class="warnings"')).toBeLessThan(page.indexOf('<table'));
    expect(comparisonHtml(smallReport())).not.toContain('class="warnings"');
    expect(comparisonHtml({ ...smallReport(), warnings: ['w'] })).toContain('</svg>A warning</h2>');
  });

  it('shows examples after the breakdowns, or no section without them', () => {
    expect(page).toContain('<h2 id="examples">Examples</h2>');
    const cells = page.split('<table class="examples')[1]?.match(/<t[hd] [^>]*data-label[^<]*/g) ?? [];
    expect(page).toContain('role="rowheader">… 1,204 earlier → Kettle → Teapot &lt;2 l&gt;</th>');
    expect(cells.slice(0, 3)).toEqual([
      '<td role="cell" data-label="next">Cup | saucer',
      '<td role="cell" data-label="rank by best">1',
      '<td role="cell" data-label="rank by GRU4Rec">1,312',
    ]);
    expect(comparisonHtml(smallReport())).not.toContain('id="examples"');
  });

  it('orders models by MRR at the main cutoff', () => {
    const names = [...page.matchAll(/role="rowheader"><span[^>]*><\/span>([^<]+)/g)].map(([, name]) => name);
    const byMrr = [...fakeReport.models].sort((a, b) => b.results[0]!.mrr.mean - a.results[0]!.mrr.mean);
    expect(names.slice(0, 14)).toEqual(byMrr.map(({ name }) => name));
    expect(names).toHaveLength(14 * 3);
  });

  it('shows the best value of each metric in bold, with a bar and a whisker', () => {
    const report = reportOf(
      { name: 'A', mrr: { mean: 0.2, interval: [0.1, 0.25], p: 0.2 } },
      { name: 'B', mrr: { mean: 0.25 } },
    );
    const text = comparisonHtml(report);
    expect(text).toContain(
      'data-label="MRR@20"><div class="figure"><span><strong>0.2500</strong></span></div>',
    );
    expect(text).toContain('<rect width="80" height="10"/><path d="M40 1V9M40 5H100M100 1V9"/>');
    expect(text).toContain('<span class="p near">p 0.200</span>');
  });

  it('has a chart per metric, breakdown, curve and cost, each with title and description', () => {
    const ids = [...page.matchAll(/<svg id="([^"]+)" role="img"/g)].map(([, id]) => id);
    expect(ids).toEqual([
      ...metricNames.map((name) => `closer-${name}`),
      ...metricNames.map((name) => `interval-${name}`),
      ...['group-position', 'group-popularity', 'group-length'],
      ...['curve-2-loss', 'curve-2-recall', 'curve-2-mrr', 'curve-11-loss'],
      ...['cost-fit', 'cost-memory', 'cost-evaluate'],
    ]);
    expect(count(page, /<title id=/)).toBe(ids.length);
    expect(count(page, /<desc id=/)).toBe(ids.length);
    expect(page).toContain('<title id="interval-mrr-title">MRR@20</title>');
    expect(page).toContain('best 0.2904 (0.2839–0.2969); VSTAN 0.2891');
  });

  it('names the lines of the best five in a legend, in full', () => {
    const legend = /<ul class="legend">([\s\S]*?)<\/ul>/.exec(page)?.[1] ?? '';
    const names = [...legend.matchAll(/<\/svg>([^<]+)<\/li>/g)].map(([, name]) => name);
    expect(names).toEqual(['best', 'VSTAN', 'GRU4Rec', 'STAN', 'V-SKNN', '9 others']);
    const options = comparisonHtml(smallReport('V-SKNN (decay=none,idfWeight=2)'));
    expect(options).toContain('V-SKNN (decay=none,<wbr>idfWeight=2)');
  });

  it('shows learning curves in one row if each model has only its loss', () => {
    const models = two.models.map((model) => ({
      ...model,
      curves: model.curves.map(({ seed, epochs }) => ({
        seed,
        epochs: epochs.map(({ epoch, loss }) => ({ epoch, loss })),
      })),
    }));
    const text = comparisonHtml({ ...two, models });
    expect(text).toContain('<figcaption>GRU4Rec</figcaption>');
    expect(page).toContain('<h3>GRU4Rec</h3>');
  });

  it('leaves out sections without figures', () => {
    const text = comparisonHtml(smallReport());
    for (const id of ['groups', 'curves']) expect(text).not.toContain(`id="${id}"`);
    for (const id of ['results', 'intervals', 'costs', 'origin']) expect(text).toContain(`id="${id}"`);
  });

  it('states where the figures come from', () => {
    for (const [key, value] of Object.entries(fakeReport.origin)) {
      expect(page).toContain(
        `<th scope="row">${nameMarkup(key)}</th>\n<td class="text">${nameMarkup(formatOrigin(value))}</td>`,
      );
    }
    const options = (name: string, text: string) =>
      expect(page).toContain(`<th scope="row">${name}</th>\n<td class="text">${nameMarkup(text)}</td>`);
    options('POP', 'none');
    options('best', 'layers = 100, 50, loss = cross-entropy');
    expect(page).not.toContain('bpreg');
    expect(page).not.toContain('{&quot;');
  });

  it('has no duplicate identifiers and no dangling references', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);
    expect(new Set(ids).size).toBe(ids.length);
    const references = [...page.matchAll(/(?:url\(#|aria-(?:labelledby|describedby)=")([^)"]+)/g)];
    expect(references.length).toBeGreaterThan(20);
    for (const [, id] of references) expect(ids).toContain(id);
  });

  it('loads nothing and runs no script', () => {
    expect(page).not.toMatch(/<script|<img|<iframe|\son\w+=|javascript:|@import|@font-face/i);
    expect(page).not.toMatch(/(?:src|href)="(?!data:)/);
    expect(page).toContain('default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;');
  });

  it('escapes every string', () => {
    const attack = `</title></style><script>alert(1)</script>"'><img src=x onerror=alert(1)>&{a|b}`;
    const text = comparisonHtml(withStrings(attack));
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(elementsOf(text)).toEqual(elementsOf(comparisonHtml(withStrings('x'))));
  });
});
