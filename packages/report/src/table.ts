import CliTable from 'cli-table3';
import { formatP } from './figures.ts';
import { nameLabels, oneLine } from './text.ts';

/** A mean or a difference, and its uncertainty. */
export interface Measure {
  readonly mean: number;
  /** Standard deviation over seeds; absent with one run. */
  readonly sd?: number;
  /** 95 % interval, from a bootstrap over sessions. */
  readonly interval?: readonly [lower: number, upper: number] | undefined;
  /** Two-sided p-value, paired by session, against the best model of this measure; absent for the best itself. */
  readonly p?: number | undefined;
}

/** A measure takes a column for each of its parts, except in HTML. Columns without a value are left out. */
export type Cell = string | number | Measure | undefined;

/** A column of a table, and how its numbers are written. */
export interface Column {
  readonly head: string;
  /** Default: `String`. */
  readonly format?: (value: number) => string;
  /** Between the ends of an interval. Default: `–`. */
  readonly to?: string;
  /** Default: the first column to the left, the others to the right. */
  readonly align?: 'left' | 'right';
  /** Whether the greatest value is emphasised. */
  readonly best?: boolean;
  /** A narrow terminal leaves out the columns of the highest rank first. Default: 0, which stays. */
  readonly rank?: number;
}

/** A table that any of the writers takes. */
export interface Table {
  readonly caption?: string | undefined;
  readonly columns: readonly Column[];
  /** A cell per column. */
  readonly rows: readonly (readonly Cell[])[];
}

/** A table and what it shows. */
export type CaptionedTable = Table & { readonly caption: string };

/** Two columns of texts. */
export function listTable(
  heads: readonly [string, string],
  rows: readonly (readonly [string, string])[],
): Table {
  return { columns: heads.map((head) => ({ head, align: 'left' })), rows };
}

/** A column of texts, which are not escaped. */
export interface TextColumn {
  readonly head: string;
  /** `mrr` for MRR@20, `bias` for popularity bias; then the part of the figures, such as `sd`. */
  readonly names: readonly string[];
  readonly align: 'left' | 'right';
  readonly rank: number;
  readonly texts: readonly (string | undefined)[];
  /** Which texts are emphasised; absent if none may be. */
  readonly best?: readonly boolean[] | undefined;
}

/** Cells as texts. */
export function textColumns({ columns, rows }: Table): TextColumn[] {
  return columns.flatMap((column, at) => {
    const { head, format = String, to = '–', rank = 0 } = column;
    const cells = rows.map((row) => row[at]);
    const values = cells.map(plainValue);
    const greatest = Math.max(...values.map(Number));
    const name = head.replace(/@.*$|^.* /g, '').toLowerCase();
    const part = (
      key: string,
      sign: string,
      least: number,
      of: (measure: Measure) => string | undefined,
    ): TextColumn => ({
      head: sign,
      names: [name, key],
      align: 'right',
      rank: Math.max(rank, least),
      texts: cells.map((cell) => (typeof cell === 'object' ? of(cell) : undefined)),
    });
    const main: TextColumn = {
      head: oneLine(head),
      names: [name],
      align: column.align ?? (at === 0 ? 'left' : 'right'),
      rank,
      texts: values.map((value) => (typeof value === 'number' ? format(value) : value)),
      best: column.best ? values.map((value) => value === greatest) : undefined,
    };
    const parts = [
      part('sd', '±', 2, ({ sd }) => (sd === undefined ? sd : format(sd))),
      part('interval', '95 %', 3, ({ interval }) => interval?.map(format).join(to)),
      part('p', 'p', 1, ({ p }) => (p === undefined ? p : formatP(p))),
    ];
    if (rows.length === 0) return [main];
    return [main, ...parts].filter(({ texts }) => texts.some((text) => text !== undefined));
  });
}

function plainValue(cell: Cell): string | number | undefined {
  return typeof cell === 'object' ? cell.mean : cell;
}

/** What `write` makes of each text, by row. */
export function rowsOf<Value>(
  columns: readonly TextColumn[],
  write: (text: string, column: TextColumn, row: number) => Value,
): Value[][] {
  const rows = Array.from({ length: columns[0]?.texts.length ?? 0 }, (_, row) => row);
  return rows.map((row) => columns.map((column) => write(column.texts[row] ?? '', column, row)));
}

/** Letters of a name that fit in the narrowest terminal. */
const LEAST_NAME = 12;

/** A table for a terminal, with lines and without colours. */
export function terminalTable(table: Table): string {
  return boxed(textColumns(table), Number.POSITIVE_INFINITY);
}

/**
 * For a terminal of this width, with as many columns as fit. Names take at most a third of it and three lines.
 * @returns the text, and whether it has all columns.
 */
export function fittingTable(
  table: Table,
  width: number,
): { readonly text: string; readonly whole: boolean } {
  const all = textColumns(table);
  const ranks = [...new Set(all.map(({ rank }) => rank))].sort((a, b) => b - a);
  let text = '';
  for (const most of ranks) {
    text = boxed(
      all.filter(({ rank }) => rank <= most),
      width,
    );
    if (text.indexOf('\n') <= width) return { text, whole: most === ranks[0] };
  }
  return { text, whole: false };
}

function boxed(columns: readonly TextColumn[], width: number): string {
  const table = new CliTable({
    head: columns.map(({ head }) => head),
    colAligns: columns.map(({ align }) => align),
    style: { head: [], border: [], compact: true },
  });
  const labels = new Map(columns.map((column) => [column, labelsOf(column, width)]));
  table.push(
    ...rowsOf(columns, (text, column, row) => {
      if (column.best) return `${text}${column.best[row] ? '*' : ' '}`;
      return labels.get(column)?.get(text) ?? text;
    }),
  );
  return table.toString();
}

function labelsOf({ align, texts }: TextColumn, width: number): ReadonlyMap<string, string> {
  if (align === 'right' || width === Number.POSITIVE_INFINITY) return new Map();
  const names = [...new Set(texts.map((text = '') => text))];
  const labels = nameLabels(names, { letters: Math.max(LEAST_NAME, Math.floor(width / 3)), lines: 3 });
  return new Map(names.map((name, at) => [name, labels[at] ?? '']));
}

/** A table as lines without a frame, with two blanks between columns. */
export function plainLines(table: Table): string {
  const padded = textColumns(table).map((column) => {
    const texts = [column.head, ...column.texts.map((text = '') => text)];
    const width = Math.max(...texts.map(({ length }) => length));
    const pad = column.align === 'left' ? 'padEnd' : 'padStart';
    return texts.map((text) => text[pad](width));
  });
  const lines = padded[0]?.map((_, line) =>
    padded
      .map((texts) => texts[line])
      .join('  ')
      .trimEnd(),
  );
  return lines?.join('\n') ?? '';
}

/** In GitHub's Markdown. */
export function markdownTable(table: Table): string {
  const columns = textColumns(table);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = rowsOf(columns, (text, { best }, row) => {
    const escaped = escapeMarkdown(text);
    return best?.[row] ? `**${escaped}**` : escaped;
  });
  const rule = columns.map(({ align }) => (align === 'left' ? '---' : '--:'));
  return [columns.map(({ head }) => escapeMarkdown(head)), rule, ...rows].map(line).join('\n');
}

/** For GitHub's Markdown. */
export function escapeMarkdown(text: string): string {
  return oneLine(text).replace(/[\\`*_{}[\]<>#|~&]/g, '\\$&');
}

/** A `tabular` of LaTeX's package booktabs, the best figures bold. @param isKept - by `names` of its columns. */
export function latexTable(table: Table, isKept: (name: string) => boolean = () => true): string {
  const columns = textColumns(table).filter(({ names }) => names.every(isKept));
  const line = (cells: readonly string[]): string => `${cells.join(' & ')} \\\\`;
  const rows = rowsOf(columns, (text, { best }, row) => {
    const escaped = escapeLatex(oneLine(text));
    return best?.[row] ? `\\textbf{${escaped}}` : escaped;
  });
  return [
    `\\begin{tabular}{${columns.map(({ align }) => align.charAt(0)).join('')}}`,
    `\\toprule\n${line(columns.map(({ head }) => escapeLatex(head)))}\n\\midrule`,
    ...rows.map(line),
    '\\bottomrule\n\\end{tabular}\n',
  ].join('\n');
}

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '±': '$\\pm$',
  '–': '--',
};

function escapeLatex(text: string): string {
  return text.replace(/[\\~^<>±–#$%&_{}]/g, (sign) => SPECIAL[sign] ?? `\\${sign}`);
}

/** CSV of RFC 4180: numbers in full, the mean of a measure, nothing for an absent value. */
export function csvTable({ columns, rows }: Table): string {
  const lines = [columns.map(({ head }) => head), ...rows.map((row) => row.map(plainValue))];
  return lines.map((line) => `${line.map(quoteCsv).join(',')}\n`).join('');
}

function quoteCsv(value: string | number | undefined): string {
  const text = typeof value === 'string' ? oneLine(value) : String(value ?? '');
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
