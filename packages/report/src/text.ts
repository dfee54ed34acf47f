import { whole } from './figures.ts';

/** Text on one line: control characters, which could steer a terminal, and white space become single blanks. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}

/** The pieces of a name between which a line may end: after blanks, commas and other signs but `=`, before a bracket. */
export function piecesOf(name: string): string[] {
  return name.split(/(?<=[ ,+/_:-])|(?=\()/u);
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

/** Options of a model itself, or of one of its parts. */
export interface OptionGroup {
  /** Of a part. */
  readonly title?: string;
  /** `key = value` each. */
  readonly words: readonly string[];
}

/** Options as a person would write them: the model's own, then those of its parts, such as the two of a mix. */
export function optionGroups(options: Readonly<Record<string, unknown>>): OptionGroup[] {
  const own: string[] = [];
  const parts: OptionGroup[] = [];
  for (const [key, value] of givenEntries(options)) {
    if (Array.isArray(value) && value.some(isRecord))
      parts.push(...value.map((part, at) => partOf(part, key, at)));
    else if (isRecord(value)) own.push(...wordsOf(value, `${key}.`));
    else own.push(`${key} = ${formatValue(value)}`);
  }
  return [{ words: own }, ...parts];
}

function partOf(part: unknown, key: string, at: number): OptionGroup {
  const { name = `${key} ${at + 1}`, options, ...others } = isRecord(part) ? part : { value: part };
  return {
    title: formatValue(name),
    words: wordsOf({ ...others, ...(isRecord(options) ? options : {}) }, ''),
  };
}

function wordsOf(record: Readonly<Record<string, unknown>>, prefix: string): string[] {
  return givenEntries(record).flatMap(([key, value]) =>
    isRecord(value) ? wordsOf(value, `${prefix}${key}.`) : [`${prefix}${key} = ${formatValue(value)}`],
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keys and values that were given; JSON leaves the others out as well. */
function givenEntries(record: Readonly<Record<string, unknown>>): [key: string, value: unknown][] {
  return Object.entries(record).filter(([, value]) => value !== undefined);
}

/** A value of an option as a person would write it: text without quotes, lists with commas, everything else as JSON. */
function formatValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(formatValue).join(', ') || 'none';
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}

/** Where figures come from: counts with separators, all else as it is. */
export function formatOrigin(value: string | number | boolean): string {
  return Number.isInteger(value) ? whole(Number(value)) : String(value);
}
