import { oneLine } from '../text.ts';

/** Escaped HTML or SVG. */
export class Markup {
  readonly text: string;

  /** @param text - must be escaped. Use `html` for text from callers. */
  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

export const NOTHING: Markup = new Markup('');

export type Insertion = string | number | Markup | readonly Markup[];

/** Escapes insertions that are not markup, for text and for quoted attributes. */
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

/** A name with break opportunities where browsers have none; they break at blanks and hyphens. */
export function nameMarkup(name: string): Markup {
  return new Markup(
    oneLine(name)
      .split(/(?<=[,+/_:])/u)
      .map(escapeHtml)
      .join('<wbr>'),
  );
}

/** Escapes text for elements and quoted attributes of HTML and SVG; control characters become blanks. */
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
