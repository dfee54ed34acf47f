import { oneLine } from '../text.ts';
import { html, Markup } from './markup.ts';

/** The warnings in a conspicuous box, or nothing if there are none. */
export function warningsBox(warnings: readonly string[]): Markup {
  if (warnings.length === 0) return new Markup('');
  const title = warnings.length === 1 ? 'A warning' : `${warnings.length} warnings`;
  return html`<aside class="warnings" aria-labelledby="warnings">
<h2 id="warnings"><svg viewBox="0 0 24 24" aria-hidden="true"><path fill-rule="evenodd" d="M12 2 23 21H1zm-1 7v6h2V9zm0 8v2h2v-2z"/></svg>${title}</h2>
<ul>
${warnings.map((warning) => html`<li>${oneLine(warning)}</li>`)}
</ul>
</aside>`;
}
