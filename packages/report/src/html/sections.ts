import { metricAt, metricNames } from '@gru4rec/metrics';
import { greyNote, HIGHLIGHTED, lookOf } from '../charts/chart.ts';
import { costChart, curveCharts, groupChart, intervalChart } from '../charts/model-charts.ts';
import {
  BREAKDOWNS,
  breakdownTable,
  COSTS,
  describeGate,
  examplesTable,
  groupsOf,
  legendOf,
  originTables,
  resultsTable,
  windowsTable,
} from '../comparison-tables.ts';
import { formatInterval, formatP, fraction, threeDigits } from '../figures.ts';
import { headlineOf } from '../headline.ts';
import {
  type ComparisonReport,
  type ModelReport,
  namesOfMetrics,
  rankModels,
  resultAt,
  SIGNIFICANCE,
  shownPlaces,
} from '../report.ts';
import type { Cell, Measure } from '../table.ts';
import { html, Markup, NOTHING, nameMarkup } from './markup.ts';
import {
  type CardColumn,
  cardTable,
  chartGrid,
  legendKeys,
  page,
  type Section,
  section,
  tableMarkup,
  warningsBox,
} from './page.ts';

/**
 * Writes a comparison as one HTML page without scripts or other files.
 * @returns the whole document; equal reports give equal texts. Every string of the report is escaped.
 */
export function comparisonHtml(report: ComparisonReport): string {
  const ranked = rankModels(report.models);
  return page({
    title: report.title,
    header: html`<p class="headline">${keepTogether(headlineOf(report))}</p>
${warningsBox(report.warnings)}`,
    main: html`${sections.map((section) => section(ranked, report))}`,
  });
}

/** A sign and its number stay on one line. */
function keepTogether(text: string): string {
  return text.replace(/ (?=%|[<≤] )|(?<=\(p|[<≤]) /g, '\u00a0');
}

const sections: readonly Section[] = [
  resultsSection,
  intervalSection,
  windowsSection,
  gatesSection,
  breakdownSection,
  examplesSection,
  curveSection,
  costSection,
  originSection,
];

function note(text: string): Markup {
  return html`<p class="note">${text}</p>`;
}

function details(summary: string, content: Markup): Markup {
  return html`<details>
<summary>${summary}</summary>
${content}
</details>`;
}

function resultsSection(models: readonly ModelReport[], report: ComparisonReport): Markup {
  const [main = 0, ...places] = shownPlaces(models);
  const cutoffAt = (place: number) => models[0]?.results[place]?.cutoff ?? '';
  const others = places.map((place) =>
    details(`Lists of ${cutoffAt(place)} items`, resultsMarkup(models, place)),
  );
  const near = models.some((model) =>
    namesOfMetrics(models).some((name) => isNear(metricAt(resultAt(model, 0), name))),
  );
  const shaded = near ? ` A shaded p is ${SIGNIFICANCE} or more: the difference may be chance.` : '';
  const legend = `By MRR@${cutoffAt(main)}, the best first. ${legendOf(models, 'Bold', report)}${shaded}`;
  return section(
    'results',
    'Results',
    html`${note(legend)}
${resultsMarkup(models, main)}
${others}`,
  );
}

function resultsMarkup(models: readonly ModelReport[], place: number): Markup {
  const { columns, rows, caption = '' } = resultsTable(models, place);
  const shown = columns.map(({ head, format = String, best }, at): CardColumn => {
    if (at === 0) return { head, cells: models.map(modelName) };
    const cells = rows.map((row) => row[at]);
    if (best) return { head, cells: measureCells(cells) };
    return { head, look: 'plain', cells: cells.map((cell) => html`${format(Number(cell))}`) };
  });
  return cardTable(
    'models',
    shown,
    html`<caption>${caption}</caption>
`,
  );
}

function modelName({ name, runs }: ModelReport, rank: number): Markup {
  const { color, highlighted } = lookOf(rank);
  const several = runs > 1 ? html`<small>${runs} runs</small>` : NOTHING;
  return html`<span class="swatch" style="background:${highlighted ? color : 'var(--other-dot)'}"></span>${nameMarkup(name)}${several}`;
}

function measureCells(cells: readonly Cell[]): Markup[] {
  const measures = cells.filter((cell): cell is Measure => typeof cell === 'object');
  const best = Math.max(...measures.map(({ mean }) => mean));
  const longest = Math.max(...measures.map(({ mean, interval }) => Math.max(mean, interval?.[1] ?? 0))) || 1;
  return measures.map((measure) => {
    const { mean, sd, interval, p } = measure;
    const value = mean === best ? html`<strong>${fraction(mean)}</strong>` : html`${fraction(mean)}`;
    const spread = sd === undefined ? NOTHING : html` <span class="sd">± ${fraction(sd)}</span>`;
    const shade = new Markup(isNear(measure) ? 'p near' : 'p');
    const chance = p === undefined ? NOTHING : html`<span class="${shade}">p ${formatP(p)}</span>`;
    const bounds = interval ? html`<small>${formatInterval(interval)}</small>` : NOTHING;
    return html`<div class="figure"><span>${value}${spread}</span>${chance}</div>
${bar(measure, longest)}${bounds}`;
  });
}

function isNear({ p }: Measure): boolean {
  return p !== undefined && p >= SIGNIFICANCE;
}

function bar({ mean, interval }: Measure, longest: number): Markup {
  const at = (value: number): string => threeDigits((100 * value) / longest);
  const whisker = interval
    ? html`<path d="M${at(interval[0])} 1V9M${at(interval[0])} 5H${at(interval[1])}M${at(interval[1])} 1V9"/>`
    : NOTHING;
  return html`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="${at(mean)}" height="10"/>${whisker}</svg>`;
}

const BY_SESSION =
  'Whiskers are 95 % intervals by session. Two that overlap may still differ: the p-values compare session by session.';
const OVER_WINDOWS = "Whiskers are 95 % intervals of the mean over windows (Student's t).";

/** A panel per metric, and if there are more than five models, once more for the best five. */
function intervalSection(ranked: readonly ModelReport[], { windows }: ComparisonReport): Markup {
  const names = namesOfMetrics(ranked);
  const best = ranked.slice(0, HIGHLIGHTED);
  const panels = (models: readonly ModelReport[], id: string) =>
    chartGrid(
      names.map((name, place) => intervalChart(models, name, `${id}-${metricNames[place] ?? place}`)),
    );
  const closer =
    ranked.length > best.length
      ? html`<h3>The best ${best.length}, closer</h3>
${panels(best, 'closer')}
<h3>All models</h3>`
      : NOTHING;
  return section(
    'intervals',
    'How sure the figures are',
    html`${note(windows ? OVER_WINDOWS : BY_SESSION)}
${closer}
${panels(ranked, 'interval')}`,
  );
}

function windowsSection(models: readonly ModelReport[], report: ComparisonReport): Markup {
  const table = windowsTable(models, report);
  if (!table) return NOTHING;
  return section(
    'windows',
    'Windows',
    html`${note(table.caption)}
${tableMarkup(table)}`,
  );
}

function gatesSection(_: readonly ModelReport[], { gates = [] }: ComparisonReport): Markup {
  if (gates.length === 0) return NOTHING;
  return section(
    'gates',
    'Gates',
    html`<ul>${gates.map((gate) => html`<li>${describeGate(gate)}</li>`)}</ul>`,
  );
}

/** Recall by group with a panel per breakdown, and below it all figures, collapsed. */
function breakdownSection(
  ranked: readonly ModelReport[],
  { breakdownCutoff: cutoff }: ComparisonReport,
): Markup {
  const shown = BREAKDOWNS.filter((breakdown) => groupsOf(ranked, breakdown).length > 0);
  if (shown.length === 0) return NOTHING;
  const tables = shown.flatMap((breakdown) => {
    const table = breakdownTable(ranked, breakdown, cutoff);
    return table ? details(table.caption, tableMarkup(table)) : [];
  });
  return section(
    'groups',
    'Where they are good',
    html`${note(`Recall over parts of the predictions. ${greyNote(ranked)}`)}
${legendKeys(ranked)}
${chartGrid(shown.map((breakdown) => groupChart(ranked, breakdown, cutoff)))}
${tables}`,
  );
}

function examplesSection(_: readonly ModelReport[], report: ComparisonReport): Markup {
  const table = examplesTable(report);
  if (!table) return NOTHING;
  const columns = table.columns.map(({ head }, at) => ({
    head,
    cells: table.rows.map((row) => html`${String(row[at])}`),
  }));
  return section(
    'examples',
    'Examples',
    html`${note(table.caption)}
${cardTable('examples', columns)}`,
  );
}

function curveSection(ranked: readonly ModelReport[]): Markup {
  const learned = ranked
    .map((model, rank) => ({ name: model.name, charts: curveCharts(model, rank) }))
    .filter(({ charts }) => charts.length > 0);
  if (learned.length === 0) return NOTHING;
  const together = learned.every(({ charts }) => charts.length === 1);
  const rows = together
    ? chartGrid(learned.flatMap(({ name, charts }) => charts.map((chart) => ({ ...chart, caption: name }))))
    : learned.map(
        ({ name, charts }) => html`<h3>${nameMarkup(name)}</h3>
${chartGrid(charts)}`,
      );
  const loss = together ? 'Loss over the epochs. ' : '';
  return section(
    'curves',
    'How they learn',
    html`${note(`${loss}Lines of one colour are seeds of one model.`)}
${rows}`,
  );
}

function costSection(ranked: readonly ModelReport[]): Markup {
  return section('costs', 'What they cost', chartGrid(COSTS.map((cost) => costChart(ranked, cost))));
}

function originSection(models: readonly ModelReport[], report: ComparisonReport): Markup {
  const tables = originTables({ ...report, models }).map(tableMarkup);
  return section('origin', 'Where this comes from', html`${tables}`);
}
