/** Controls a terminal or hides text: C0, DEL, C1, direction marks, line and paragraph separators, unpaired surrogates. */
const unprintable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are the target
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\p{Cs}/gu;

/** Escapes external text as `\x1b` or `\u{202e}`: it neither controls the terminal nor breaks its line. */
export function printable(text: string): string {
  return text.replace(unprintable, escaped);
}

/** Like `printable`, with an ellipsis in the place of what is longer than a number of characters. */
export function printableStart(text: string, most: number): string {
  const characters = [...text];
  return printable(characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : text);
}

export const tick = (name: string): string => `\`${printableStart(name, 60)}\``;

/** Like `printable`, but keeps line ends and tabs. */
export function printableLines(text: string): string {
  return text.replace(unprintable, (char) => (char === '\n' || char === '\t' ? char : escaped(char)));
}

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const digits = code.toString(16);
  return code < 0x100 ? `\\x${digits.padStart(2, '0')}` : `\\u{${digits}}`;
}
