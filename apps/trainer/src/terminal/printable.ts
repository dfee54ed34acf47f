/**
 * What steers a terminal or hides what is there: C0, DEL and C1; marks and overrides of direction; separators of lines
 * and paragraphs; halves of surrogate pairs.
 */
const unprintable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Cs}/gu;

/**
 * Makes an id, a name or another text from outside visible: no character of it steers the terminal, and it stays on its
 * line.
 *
 * @returns the text with `\x1b`, `\u{202e}` and their like in the place of such characters.
 */
export function printable(text: string): string {
  return text.replace(unprintable, escaped);
}

/** As `printable`, of a text with our own ends of lines and tabs, which stay. */
export function printableLines(text: string): string {
  return text.replace(unprintable, (char) => (char === '\n' || char === '\t' ? char : escaped(char)));
}

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u{${digits}}`;
}
