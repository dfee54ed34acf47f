import { oneLine } from '../text.ts';

/** A piece of HTML or SVG that is safe to put into a page as it is. */
export class Markup {
  readonly text: string;

  /** @param text - escaped already; whatever comes from a caller goes through `html`. */
  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export const NOTHING: Markup = new Markup('');

/** What `html` takes between its strings; a list is put there piece by piece. */
export type Insertion = string | number | Markup | readonly Markup[];

/** Tags a template of HTML: insertions are escaped, for text and for attributes in quotes alike, unless markup. */
export function html(strings: TemplateStringsArray, ...insertions: readonly Insertion[]): Markup {
  const parts = strings.map((text, place) => `${text}${insert(insertions[place] ?? '')}`);
  return new Markup(parts.join(''));
}

function insert(insertion: Insertion): string {
  if (typeof insertion === 'object') {
    return insertion instanceof Markup ? insertion.text : insertion.join('\n');
  }
  return escapeHtml(String(insertion));
}

/** A name on one line, with places to break it where browsers have none: at blanks and hyphens they have. */
export function nameMarkup(name: string): Markup {
  return new Markup(
    oneLine(name)
      .split(/(?<=[,+/_:])/u)
      .map(escapeHtml)
      .join('<wbr>'),
  );
}

/** Text that HTML and SVG show as it is, within elements and attributes in quotes; control characters become blanks. */
export function escapeHtml(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']|\p{Cc}/gu, (letter) => names[letter] ?? ' ');
}
