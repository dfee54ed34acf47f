import { oneLine } from '../text.ts';
import { html, Markup } from './markup.ts';
import { STYLE } from './style.ts';

/** Forbids scripts and network access, whatever a name contains. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/** The frame that all pages share: style, policy, title. @returns the whole document. */
export function page(parts: {
  readonly title: string;
  readonly header: Markup;
  readonly main: Markup;
}): string {
  const title = oneLine(parts.title);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<h1>${title}</h1>
${parts.header}
</header>
<main>
${parts.main}
</main>
</body>
</html>
`.text;
}
