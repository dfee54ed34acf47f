import { MAX_RECORD_BYTES } from '../../input/records.ts';
import { sparkQuote } from './spark-quote.ts';

/** The format of CSV or TSV records. */
export interface DelimitedLayout {
  readonly delimiter: string;
  /** The first line of the file, without line end and byte order mark. */
  readonly header: string;
  /** Number of columns in the header. */
  readonly columns: number;
}

/**
 * SQL for one line of CSV or TSV, with the rules of `input/records.ts`, except that a record is one line, because Spark splits
 * files into lines. Expects `line` and returns `fields`, with their quotes.
 */
export function delimitedFields({ delimiter }: DelimitedLayout): string {
  const each = sparkQuote(`${delimiter}(${fieldForm(delimiter)})`);
  // Each match includes a delimiter, so that none is empty: after an empty match, Java would skip a character.
  const quoted = `regexp_extract_all(concat(${sparkQuote(delimiter)}, line), ${each}, 1)`;
  return `CASE WHEN ${hasQuote} THEN ${quoted} ELSE split(line, ${sparkQuote(delimiter)}, -1) END`;
}

/** SQL: the error that `readRecords` and `parseRecord` would report for `line`, or NULL. */
export function delimitedFault({ delimiter, columns }: DelimitedLayout): string {
  const field = fieldForm(delimiter);
  const whole = sparkQuote(String.raw`\A(?:${field})(?:${delimiter}(?:${field}))*+\z`);
  const isOwnReturn = `exists(fields, field -> instr(field, '\\r') > 0 AND NOT field RLIKE ${startsQuoted})`;
  return `CASE
    WHEN octet_length(line) > ${MAX_RECORD_BYTES} THEN ${expected(columns, `'more than ${MAX_RECORD_BYTES >> 20} MiB'`)}
    WHEN decode(CAST(line AS BINARY), 'UTF-8') <> line THEN ${expected(columns, "'bytes that are not UTF-8'")}
    WHEN instr(line, '\\u0000') > 0 THEN ${expected(columns, "'a NUL character'")}
    WHEN ${hasQuote} AND NOT line RLIKE ${whole} THEN ${expected(columns, "'a quote that is not closed where its field ends'")}
    WHEN ${isOwnReturn} THEN ${expected(columns, "'a carriage return that ends no line'")}
    WHEN size(fields) <> ${columns} AND NOT (size(fields) = ${columns + 1} AND fields[${columns}] = '')
      THEN ${expected(columns, `concat(size(fields), ' columns instead of ${columns}')`)} END`;
}

/** SQL: the value of a field, NULL if empty. */
export function delimitedValue(column: number): string {
  const field = `fields[${column}]`;
  const inner = `regexp_extract(${field}, ${sparkQuote(String.raw`(?s)\A *"(.*)" *\z`)}, 1)`;
  return `NULLIF(CASE WHEN ${field} RLIKE ${startsQuoted} THEN replace(${inner}, '""', '"') ELSE ${field} END, '')`;
}

const hasQuote = `instr(line, '"') > 0`;
const startsQuoted = sparkQuote('^ *"');

function expected(columns: number, found: string): string {
  return `concat('${columns} columns in UTF-8, found ', ${found})`;
}

/** SQL: the value of a quoted field with blanks around it, or of a field that does not start with a quote. */
function fieldForm(delimiter: string): string {
  return ` *"(?:[^"]++|"")*+" *(?=${delimiter}|\\z)|(?! *")[^${delimiter}]*+`;
}
