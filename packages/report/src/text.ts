import { whole } from './figures.ts';

/** Characters about twice as wide as a lower-case letter. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Extended_Pictographic}]/u;
/** Characters a third wider than a lower-case letter. */
const BROAD = /[\p{Lu}mw@%]/u;

export function lettersOf(text: string): number {
  let used = 0;
  for (const letter of text) used += widthOf(letter);
  return used;
}

function widthOf(letter: string): number {
  if (WIDE.test(letter)) return 2;
  return BROAD.test(letter) ? 4 / 3 : 1;
}

export interface NameRoom {
  readonly letters: number;
  readonly lines: number;
}

/** Positions to try for the ellipsis of a name, as the share of the kept letters before it. */
const HEADS = [1 / 2, 1 / 3, 2 / 3, 1 / 5, 4 / 5, 0, 1];
const CUT = '…';

/** Different labels for different names: the name if it fits into the lines, otherwise cut in the middle. */
export function nameLabels(names: readonly string[], room: NameRoom): string[] {
  const whole = names.map((name) => brokenInto(oneLine(name), room));
  for (const head of HEADS) {
    const labels = names.map((name, place) => whole[place] ?? cut(oneLine(name), head, room));
    if (new Set(labels).size === labels.length) return labels;
  }
  return names.map((name, place) => whole[place] ?? cut(`${place + 1}. ${oneLine(name)}`, 4 / 5, room));
}

function cut(name: string, head: number, room: NameRoom): string {
  const letters = [...name];
  for (let kept = Math.min(letters.length - 1, room.letters * room.lines); kept > 0; kept--) {
    const before = Math.round(kept * head);
    const text = `${letters.slice(0, before).join('').trimEnd()}${CUT}${letters
      .slice(letters.length - kept + before)
      .join('')
      .trimStart()}`;
    const broken = brokenInto(text, room);
    if (broken !== undefined) return broken;
  }
  return CUT;
}

/** Breaks a text into lines, only after blanks and signs if possible; undefined if it does not fit. */
function brokenInto(text: string, { letters, lines }: NameRoom): string | undefined {
  const found = [''];
  for (const piece of piecesOf(text)) {
    const line = `${found[found.length - 1]}${piece}`;
    if (lettersOf(line.trimEnd()) <= letters) found[found.length - 1] = line;
    else found.push(piece);
  }
  const kept = found.map((line) => line.trim()).filter((line) => line !== '');
  if (kept.length > lines || kept.some((line) => lettersOf(line) > letters)) return undefined;
  return kept.join('\n');
}

/** Control characters and white space become single blanks. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
}

/** After blanks, commas and other signs except `=`, and before a bracket. */
export function piecesOf(name: string): string[] {
  return name.split(/(?<=[ ,+/_:-])|(?=\()/u);
}

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

export function describeOptions(options: Readonly<Record<string, unknown>>): string {
  return wordsOf(options, '').join(', ') || 'none';
}

function wordsOf(record: Readonly<Record<string, unknown>>, prefix: string): string[] {
  return givenEntries(record).flatMap(([key, value]) =>
    isRecord(value) ? wordsOf(value, `${prefix}${key}.`) : [`${prefix}${key} = ${formatValue(value)}`],
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keys and values without keys whose value is undefined, which JSON leaves out too. */
function givenEntries(record: Readonly<Record<string, unknown>>): [key: string, value: unknown][] {
  return Object.entries(record).filter(([, value]) => value !== undefined);
}

function formatValue(value: unknown): string {
  if (Array.isArray(value)) return value.map(formatValue).join(', ') || 'none';
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}

/** Counts with separators, everything else unchanged. */
export function formatOrigin(value: string | number | boolean): string {
  return Number.isInteger(value) ? whole(Number(value)) : String(value);
}
