import { contextText, type LineKeys, missingColumns, numberText } from '../../input/columns.ts';
import { NO_CLICK } from '../../input/event-log.ts';
import type { InputFile } from '../../input/input-file.ts';
import { MAX_JSON_BYTES } from '../../input/records.ts';
import { type DuckDb, fileName, quote } from './duckdb.ts';
import type { RawTable, RowSource } from './raw-table.ts';

export async function loadJson(db: DuckDb, input: InputFile, raw: RawTable): Promise<void> {
  const { keys, isClean } = input;
  const text = 'CAST(json AS VARCHAR)';
  const mayBe = `(starts_with(${text}, '{"Deleted":') OR starts_with(${text}, '{"EventLog":'))`;
  const isNoClick = `${mayBe} AND regexp_full_match(${text}, ${quote(NO_CLICK)})`;
  const objects = `read_ndjson_objects(${fileName(input.path)}, compression = 'uncompressed', hive_partitioning = false)`;
  const file = `(SELECT json FROM ${objects} WHERE NOT (${isNoClick}))`;
  const lines = `SELECT ${isClean ? 'json' : strictLine} AS json FROM ${file}`;
  const { before = 0 } = await db.numbers('SELECT count(*) AS before FROM raw');
  if (keys.eventsField === undefined) await raw.append(flatEvents(keys, lines));
  else {
    await db.run(`CREATE OR REPLACE TABLE lines AS ${lines}`);
    await raw.append(nestedEvents(keys, pointer(keys.eventsField)));
    await db.run('DROP TABLE lines');
  }
  const counts = await db.numbers(`
    SELECT count(session) AS session, count(item) AS item, count(coalesce(time_text, CAST(time AS VARCHAR))) AS time
      ${keys.hasType ? ', count(event) AS event' : ''}
      ${Array.from({ length: keys.context }, (_, at) => `, count(${contextAt(at)}) AS context_${at}`).join('')}
    FROM raw WHERE rowid >= ${before}`);
  if (Object.values(counts).some((values) => values === 0)) await checkKeys(db, input, file);
}

function contextAt(at: number): string {
  return `NULLIF(split_part(context, chr(31), ${at + 1}), '')`;
}

/** SQL: the event type and the context of an event. @param first - place of the first of their keys among `keys`. */
function typeAndContext(
  json: string,
  keys: readonly string[],
  first: number,
  { hasType }: Pick<LineKeys, 'hasType'>,
): { event: string; context: string } {
  const values = keys.slice(first).map((key, at) => id(json, key, `v[${first + at + 1}]`));
  const context = hasType ? values.slice(1) : values;
  return {
    event: hasType ? (values[0] ?? 'NULL') : 'NULL',
    context: context.length === 0 ? 'NULL' : contextText(context),
  };
}

/** SQL: DuckDB accepts commas before a bracket, NaN, Infinity and lines of up to 32 MiB. */
const strictLine = `
  CASE WHEN strlen(json) > ${MAX_JSON_BYTES}
    OR regexp_matches(CAST(json AS VARCHAR), ${quote(String.raw`(?s),\s*[}\]]|[:\[,]\s*-?(?i:nan|inf)`)})
    THEN error('a line may be invalid in strict JSON') ELSE json END`;

function flatEvents(keys: LineKeys, lines: string): RowSource {
  const { line } = keys;
  const [session = '', item = '', time = ''] = line;
  const { event, context } = typeAndContext('json', line, 3, keys);
  return {
    query: `
      SELECT json, v[1] AS session, v[2] AS item, ${scalar('json', time, 'v[3]')} AS time_text,
        ${event} AS event, NULL AS record, ${context} AS context
      FROM (SELECT json, ${values('json', line)} AS v FROM (${lines}))`,
    session: { isInteger: false, careful: id('json', session, 'session') },
    item: { isInteger: false, careful: id('json', item, 'item') },
    time: 'text',
  };
}

function nestedEvents(lineKeys: LineKeys, list: string): RowSource {
  const { line, event: keys } = lineKeys;
  const [session = ''] = line;
  const [item = '', time = ''] = keys;
  const { event, context } = typeAndContext('entry', keys, 2, lineKeys);
  const ofLine = `json_extract_string(json, ${quote(pointer(session))})`;
  return {
    query: `
      SELECT entry, session, v[1] AS item, ${scalar('entry', time, 'v[2]')} AS time_text,
        ${event} AS event, record, ${context} AS context
      FROM (
        SELECT *, ${values('entry', keys)} AS v
        FROM (
          SELECT rowid AS record, ${id('json', session, ofLine)} AS session, unnest(${eventList(list)}) AS entry
          FROM lines ORDER BY rowid))`,
    session: { isInteger: false, careful: 'session' },
    item: { isInteger: false, careful: id('entry', item, 'item') },
    time: 'text',
  };
}

function eventList(list: string): string {
  return `CASE WHEN json_array_length(json, ${quote(list)}) > 0
    THEN CAST(json_extract(json, ${quote(list)}) AS JSON[]) ELSE [CAST(NULL AS JSON)] END`;
}

function values(json: string, keys: readonly string[]): string {
  return `json_extract_string(${json}, [${keys.map((key) => quote(pointer(key))).join(', ')}])`;
}

/** SQL: a value, NULL if it is an object or list. @param text - SQL: its text. */
function scalar(json: string, key: string, text: string): string {
  return `
    CASE WHEN (${text} LIKE '{%' OR ${text} LIKE '[%') AND json_type(${json}, ${quote(pointer(key))}) <> 'VARCHAR' THEN NULL
      ELSE NULLIF(${text}, '') END`;
}

/** SQL: a value, numbers in canonical form, NULL if it is an object or list. @param text - SQL: its text. */
function id(json: string, key: string, text: string): string {
  const type = `json_type(${json}, ${quote(pointer(key))})`;
  return `CASE WHEN ${type} IN ('OBJECT', 'ARRAY') THEN NULL
    WHEN ${type} IN ('VARCHAR', 'BOOLEAN') THEN NULLIF(${text}, '') ELSE ${numberText(text)} END`;
}

function pointer(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** A key that no line has is a missing column instead of a bad row per line. */
async function checkKeys(db: DuckDb, input: InputFile, file: string): Promise<void> {
  const { line, eventsField, event } = input.keys;
  await checkKeysOf(db, input, line, 'json', file);
  if (eventsField === undefined) return;
  const first = `json_extract(json, ${quote(`${pointer(eventsField)}/0`)})`;
  await checkKeysOf(db, input, event, first, file);
}

async function checkKeysOf(
  db: DuckDb,
  input: InputFile,
  keys: readonly string[],
  json: string,
  file: string,
): Promise<void> {
  const counts = keys.map(
    (key, index) => `count(json_extract(${json}, ${quote(pointer(key))})) AS k${index}`,
  );
  const counted = await db.numbers(`SELECT count(*) AS lines, ${counts.join(', ')} FROM ${file}`);
  if (counted['lines'] === 0) return;
  const missing = keys.filter((_, index) => counted[`k${index}`] === 0);
  if (missing.length === 0) return;
  const [row] = await db.rows(
    `SELECT to_json(json_keys(${json})) AS keys FROM ${file} WHERE json_type(${json}) = 'OBJECT' LIMIT 1`,
  );
  throw missingColumns(input, missing, JSON.parse(String(row?.['keys'] ?? '[]')));
}
