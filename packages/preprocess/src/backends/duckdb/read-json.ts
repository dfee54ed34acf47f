import { missingColumns } from '../../input/check-columns.ts';
import type { LineKeys } from '../../input/columns.ts';
import type { InputFile } from '../../input/input-file.ts';
import { numberText } from '../../input/number-text.ts';
import { MAX_JSON_BYTES } from '../../input/records.ts';
import { type DuckDb, quote } from './duckdb.ts';
import { fileName } from './sql-names.ts';

/** DuckDB accepts the file, but may read it differently: `copyClean` checks each of its lines. */
export class DoubtfulJson extends Error {}

/**
 * Appends a JSON Lines file to table `raw`.
 *
 * @throws DataError if no line has a key, DoubtfulJson if a line may be invalid in strict JSON.
 */
export async function loadJson(db: DuckDb, input: InputFile): Promise<void> {
  await db.run(`
    CREATE OR REPLACE TABLE lines AS
    SELECT json FROM read_ndjson_objects(${fileName(input.path)}, compression = 'uncompressed',
      hive_partitioning = false)`);
  const { keys } = input;
  if (!input.isClean && (await isDoubtful(db, keys))) throw new DoubtfulJson('lenient JSON');
  await checkKeysOf(db, input, keys.line, 'json');
  const list = keys.eventsField === undefined ? undefined : pointer(keys.eventsField);
  if (list !== undefined)
    await checkKeysOf(db, input, keys.event, `json_extract(json, ${quote(`${list}/0`)})`);
  await db.run(list === undefined ? flatEvents(keys) : nestedEvents(keys, list));
  await db.run('DROP TABLE lines');
}

/**
 * DuckDB accepts commas before a bracket, NaN, Infinity and lines of up to 32 MiB, and uses the first value of a repeated
 * key.
 */
async function isDoubtful(db: DuckDb, { line, eventsField, event }: LineKeys): Promise<boolean> {
  const lenient = String.raw`regexp_matches(CAST(json AS VARCHAR), ',\s*[}\]]|[:\[,]\s*-?(?i:nan|inf)')`;
  const isLong = `strlen(json) > ${MAX_JSON_BYTES}`;
  const { doubtful = 0 } = await db.numbers(
    `SELECT count(*) AS doubtful FROM lines WHERE ${lenient} OR ${isLong} OR ${hasRepeated('json', line)}`,
  );
  if (doubtful > 0 || eventsField === undefined) return doubtful > 0;
  const { repeated = 0 } = await db.numbers(`
    SELECT count(*) AS repeated
    FROM (SELECT unnest(${eventList(pointer(eventsField))}) AS entry FROM lines) WHERE ${hasRepeated('entry', event)}`);
  return repeated > 0;
}

function hasRepeated(json: string, keys: readonly string[]): string {
  const isRead = `lambda k: k IN (${[...new Set(keys)].map(quote).join(', ')})`;
  const read = `list_filter(json_keys(${json}), ${isRead})`;
  return `len(${read}) > len(list_distinct(${read}))`;
}

function flatEvents({ line }: LineKeys): string {
  return `
    INSERT INTO raw
    SELECT ${line.map((_, index) => (index === TIME ? scalar(index + 1) : id(index + 1))).join(', ')}${line.length === 3 ? ', NULL' : ''}, NULL
    FROM (SELECT ${valuesAndTypes('json', line)} FROM lines ORDER BY rowid)`;
}

function nestedEvents({ line, event }: LineKeys, list: string): string {
  return `
    INSERT INTO raw
    SELECT session, ${event.map((_, index) => (index === TIME - 1 ? scalar(index + 1) : id(index + 1))).join(', ')}${event.length === 2 ? ', NULL' : ''}, record
    FROM (
      SELECT session, record, ${valuesAndTypes('entry', event)}
      FROM (
        SELECT rowid AS record, ${sessionOf(line[0] ?? '')} AS session, unnest(${eventList(list)}) AS entry
        FROM lines ORDER BY rowid))`;
}

/** The same as in `id`. */
function sessionOf(key: string): string {
  const value = quote(pointer(key));
  const text = `json_extract_string(json, ${value})`;
  return `CASE WHEN json_type(json, ${value}) IN ('OBJECT', 'ARRAY') THEN NULL
    WHEN json_type(json, ${value}) IN ${unchanged} THEN NULLIF(${text}, '') ELSE ${numberText(text)} END`;
}

/** Index of the time among the keys of an event, if a line is not a session. */
const TIME = 2;
/** JSON types whose text is the id; others are numbers and NULL. */
const unchanged = `('VARCHAR', 'BOOLEAN')`;

/** The events of a line; one without values if there are none. */
function eventList(list: string): string {
  return `CASE WHEN json_array_length(json, ${quote(list)}) > 0
    THEN CAST(json_extract(json, ${quote(list)}) AS JSON[]) ELSE [CAST(NULL AS JSON)] END`;
}

/** Lists of the values as text, with all digits, and of their JSON types. */
function valuesAndTypes(json: string, keys: readonly string[]): string {
  const pointers = `[${keys.map((key) => quote(pointer(key))).join(', ')}]`;
  return `json_extract_string(${json}, ${pointers}) AS v, json_type(${json}, ${pointers}) AS t`;
}

/** A value, NULL if it is an object or list. */
function scalar(index: number): string {
  return `CASE WHEN t[${index}] IN ('OBJECT', 'ARRAY') THEN NULL ELSE NULLIF(v[${index}], '') END`;
}

/** A value, numbers in canonical form, NULL if it is an object or list. */
function id(index: number): string {
  return `CASE WHEN t[${index}] IN ('OBJECT', 'ARRAY') THEN NULL
    WHEN t[${index}] IN ${unchanged} THEN NULLIF(v[${index}], '') ELSE ${numberText(`v[${index}]`)} END`;
}

function pointer(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** A key that no line has is a missing column instead of a bad row per line. */
async function checkKeysOf(
  db: DuckDb,
  input: InputFile,
  keys: readonly string[],
  json: string,
): Promise<void> {
  const counts = keys.map(
    (key, index) => `count(json_extract(${json}, ${quote(pointer(key))})) AS k${index}`,
  );
  const found = await db.numbers(`SELECT count(*) AS lines, ${counts.join(', ')} FROM lines`);
  if (found['lines'] === 0) return;
  const missing = keys.filter((_, index) => found[`k${index}`] === 0);
  if (missing.length === 0) return;
  const [row] = await db.rows(
    `SELECT to_json(json_keys(${json})) AS keys FROM lines WHERE json_type(${json}) = 'OBJECT' LIMIT 1`,
  );
  throw missingColumns(input, missing, JSON.parse(String(row?.['keys'] ?? '[]')));
}
