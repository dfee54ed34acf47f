import { oneLine } from '../text.ts';

/** About twice as wide as a small letter. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}]/u;
/** A third wider. */
const BROAD = /[\p{Lu}mw@%]/u;
const INVISIBLE = '\u200b';

/**
 * Text for a chart, cut to the room of `letters` small letters; what is cut is shown by an ellipsis.
 *
 * A text such as `__proto__` gets an invisible blank: zrender keeps the widths of texts in a plain object, and looking
 * up what every object has would write to the prototype of all objects (6.1.0, core/LRU).
 */
export function chartLabel(text: string, letters: number): string {
  const line = oneLine(text);
  let [kept, used] = ['', 0];
  for (const letter of line) {
    used += WIDE.test(letter) ? 2 : BROAD.test(letter) ? 4 / 3 : 1;
    if (used <= letters - 1) kept += letter;
  }
  const label = used <= letters ? line : `${kept}…`;
  return label in Object.prototype ? `${label}${INVISIBLE}` : label;
}
