/** Text on one line: control characters, which could steer a terminal, and white space become single blanks. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}

/** Breaks a line at blanks, where it can be done, so that none is longer than `columns`. */
export function wrapLine(text: string, columns: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of oneLine(text).split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}

/** `A`, `A and B`, `A, B and C` */
export function listWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

/** Keys and values that were given; JSON leaves the others out as well. */
export function givenEntries(record: Readonly<Record<string, unknown>>): [key: string, value: unknown][] {
  return Object.entries(record).filter(([, value]) => value !== undefined);
}

/** A value of an option as a person would write it: text without quotes, everything else as JSON. */
export function formatValue(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}
