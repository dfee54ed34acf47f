import type { ComparisonReport, ModelReport } from '../report.ts';
import { formatValue, givenEntries } from '../text.ts';
import { html, type Markup } from './markup.ts';

/** Everything that is needed to get the figures again: each entry of the origin, the options of each model. */
export function originSection({ origin }: ComparisonReport, ranked: readonly ModelReport[]): Markup {
  const entries = Object.entries(origin).map(
    ([key, value]) => html`<div><dt>${key}</dt><dd>${formatValue(value)}</dd></div>`,
  );
  const list =
    entries.length > 0
      ? html`<dl class="origin">
${entries}
</dl>`
      : html``;
  return html`<section aria-labelledby="origin">
<h2 id="origin">Where this comes from</h2>
${list}
<h3>Options of the models</h3>
<dl class="options">
${ranked.map(modelOptions)}
</dl>
</section>`;
}

function modelOptions(model: ModelReport): Markup {
  const words = givenEntries(model.options).map(
    ([key, value]) => html`<code>${key} = ${formatValue(value)}</code>`,
  );
  return html`<div><dt>${model.name}</dt><dd>${words.length > 0 ? words : 'none'}</dd></div>`;
}
