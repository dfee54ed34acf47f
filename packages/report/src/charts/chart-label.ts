import { lettersOf } from '../name-labels.ts';
import { oneLine } from '../text.ts';

const INVISIBLE = '\u200b';

/**
 * Text for a chart, cut to the width of `letters` lower-case letters; an ellipsis marks the cut.
 *
 * A text such as `__proto__` gets an invisible blank: zrender caches the widths of texts in a plain object, and a key that
 * every object inherits would make it write to the prototype of all objects (6.1.0, core/LRU).
 */
export function chartLabel(text: string, letters: number): string {
  const line = oneLine(text);
  let [kept, used] = ['', 0];
  for (const letter of line) {
    used += lettersOf(letter);
    if (used <= letters - 1) kept += letter;
  }
  const label = used <= letters ? line : `${kept}…`;
  return label in Object.prototype ? `${label}${INVISIBLE}` : label;
}
