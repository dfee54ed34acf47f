import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sparkForTests } from '@gru4rec/test-support';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DuckDb, quote } from '../../../src/backends/duckdb/duckdb.ts';
import { duckDbTime, timeColumns } from '../../../src/backends/duckdb/duckdb-time.ts';
import {
  delimitedFault,
  delimitedFields,
  delimitedValue,
} from '../../../src/backends/spark/delimited-sql.ts';
import { sparkQuote } from '../../../src/backends/spark/spark-quote.ts';
import { SparkError, SparkSql } from '../../../src/backends/spark/spark-sql.ts';
import { sparkTime } from '../../../src/backends/spark/spark-time.ts';
import { parseRecord } from '../../../src/input/records.ts';
import { testFolder } from '../../folder.ts';

const { home = '', missing } = sparkForTests(process.env);
const folder = testFolder();

const conf = {
  'spark.sql.ansi.enabled': 'false',
  'spark.sql.catalogImplementation': 'in-memory',
  'spark.sql.session.timeZone': 'UTC',
  'spark.sql.variable.substitute': 'false',
  'spark.ui.enabled': 'false',
  'spark.driver.extraJavaOptions': '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
};

const someTexts =
  `1|1.5|+5|.5|5.|.|-.5|1e3|6e-9|1e|1e5.|1_000| 12 |\t12\n|12 3|0x10|1396437466.94|1396437466.9404999|99999999999
100000000000|99999999999.9995|-99999999999.9999|123456789012345|1234567890123456|1e15|0.0005|-0.0005|1.39643746694E9|1e0005|NaN
2024-05-01|2024-05-01T10:00|2024-05-01t10:00:00z|2024-05-01T10:00:00,5|2024-05-01T10:00:00.9999999|2024-05-01T10:00:00.000499
2024-05-01T10:00:00+0230|2024-05-01T10:00:00 +02:30|2024-05-01T10:00 Z|2024-05-01T10:00+01|2024-05-01T10:00:00+15:00|2023-02-29
0000-01-01|0001-01-01T00:00:00+14|9999-12-31T23:59:59.999|1969-12-31T23:59:59.9995|1582-10-10|1500-02-29|2024-05-01T24:00:00
 2024-05-01 |\t2024-05-01|2024-5-1|12024-05-01|2024-05-01T10:00:00.|2024-05-01T10:00:00 UTC|\u00a012|١٢`.split(
    /[|\n]/,
  );

const randomTimes = fc.sample(
  fc.oneof(
    fc.string({ unit: fc.constantFrom(...'0123456789.-+eE '), maxLength: 16 }),
    fc
      .tuple(fc.date({ noInvalidDate: true }), fc.constantFrom('Z', '', '+02', ' -05:30'))
      .map(([date, zone]) => date.toISOString().replace('Z', zone)),
  ),
  { numRuns: 300, seed: 5 },
);

const randomLines = fc.sample(
  fc.string({
    unit: fc.constantFrom('a', 'é', '"', '"', ',', ',', ' ', '\r', '\u0000', '\u2028', '\t', '\\', "'", ';'),
    maxLength: 12,
  }),
  { numRuns: 1500, seed: 6 },
);

describe('SparkSql', () => {
  it('reads times and lines like the rest of the package, and reports failures', async (ctx) => {
    if (missing !== undefined) ctx.skip(missing);
    const directory = join(folder, 'one');
    mkdirSync(directory);
    const spark = await SparkSql.open({ home, master: 'local[1]', conf, directory });
    try {
      await compareTimes(spark);
      await compareLines(spark);
      expect(
        await spark.rows("SELECT 'a\\tb\\n' AS text, 9007199254740991 AS number, NULL AS nothing"),
      ).toEqual([{ text: 'a\tb\n', number: 2 ** 53 - 1 }]);
      await expect(spark.lines('SELECT * FROM nothing')).rejects.toThrow(SparkError);
      await expect(spark.lines("SELECT raise_error('one\\ntwo')")).rejects.toThrow(
        /^java.lang.RuntimeException: one$/,
      );
      expect(await spark.lines('SELECT 7')).toEqual(['7']);
    } finally {
      await spark.close();
    }
    await expect(spark.lines('SELECT 8')).rejects.toThrow('its process ended');
  });
});

async function compareTimes(spark: SparkSql): Promise<void> {
  const texts = [...someTexts, ...randomTimes];
  const columns = (time: typeof sparkTime) =>
    `${time.unit} AS unit, ${time.inMs('s')} AS s, ${time.inMs('ms')} AS ms, ${time.inMs('iso')} AS iso`;
  const values = (literal: (text: string) => string) =>
    texts.map((text, row) => `(${row}, ${literal(text)})`).join(', ');
  const db = await DuckDb.open({ directory: folder });
  const { casts, inner, time, text } = timeColumns.text;
  const expected = await db.rows(
    `SELECT ${columns(duckDbTime)} FROM (
       SELECT row, ${time} AS time, ${text} AS time_text FROM (
         SELECT *, ${inner.join(', ')} FROM (
           SELECT *, ${casts.join(', ')} FROM (VALUES ${values(quote)}) t(row, time_text)))) ORDER BY row`,
  );
  db.close();
  const found = await spark.rows(
    `SELECT ${columns(sparkTime)} FROM VALUES ${values(sparkQuote)} t(row, time_text) ORDER BY row`,
  );
  const plain = ({ unit, s, ms, iso }: Record<string, unknown>, row: number) =>
    [JSON.stringify(texts[row]), unit, s, ms, iso].map((value) => String(value ?? '–')).join(' ');
  expect(found.map(plain)).toEqual(expected.map(plain));
}

async function compareLines(spark: SparkSql): Promise<void> {
  const layout = { delimiter: ',', header: '', columns: 3 };
  const lines = randomLines.map((line, row) => `(${row}, ${sparkQuote(line)})`).join(', ');
  const found = await spark.rows(`
    SELECT ${delimitedFault(layout)} AS fault, ${[0, 1, 2].map((column) => `${delimitedValue(column)} AS f${column}`).join(', ')}
    FROM (SELECT *, ${delimitedFields(layout)} AS fields FROM VALUES ${lines} t(row, line)) ORDER BY row`);
  for (const [row, line] of randomLines.entries()) {
    const { fields, problem } = parseRecord({ line: 1, bytes: Buffer.from(line) }, ',', 3);
    const { fault, f0 = null, f1 = null, f2 = null } = found[row]!;
    // If a line has two faults, each backend may name another.
    expect([line, fault !== undefined]).toEqual([line, problem !== undefined]);
    if (problem !== undefined && !line.includes('"'))
      expect(fault).toBe(`3 columns in UTF-8, found ${problem}`);
    if (problem === undefined) expect([line, f0, f1, f2]).toEqual([line, ...fields.slice(0, 3)]);
  }
}
