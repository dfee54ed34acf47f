import type { ModelReport } from '../../report.ts';
import { formatOrigin, type OptionGroup, optionGroups } from '../../text.ts';
import { html, type Markup, nameMarkup } from '../markup.ts';
import type { Section } from './section.ts';

/** What is needed to reproduce the figures: the origin and the options of each model. */
export const originSection: Section = (ranked, { origin }) => {
  const entries = Object.entries(origin).map(
    ([key, value]) => html`<div><dt>${key}</dt><dd>${formatOrigin(value)}</dd></div>`,
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
};

function modelOptions(model: ModelReport): Markup {
  const groups = optionGroups(model.options)
    .filter(({ title, words }) => title !== undefined || words.length > 0)
    .map(optionGroup);
  return html`<div><dt>${nameMarkup(model.name)}</dt><dd>${groups.length > 0 ? groups : 'none'}</dd></div>`;
}

function optionGroup({ title, words }: OptionGroup): Markup {
  const head = title === undefined ? html`` : html`<span>${nameMarkup(title)}:</span> `;
  const codes = words.map((word) => html`<code>${word}</code>`);
  return html`<div>${head}${codes.length > 0 ? codes : 'none'}</div>`;
}
