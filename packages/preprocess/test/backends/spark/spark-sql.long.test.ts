import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sparkForTests } from '@gru4rec/test-support';
import { describe, expect, it } from 'vitest';
import { SparkError, SparkSql } from '../../../src/backends/spark/spark-sql.ts';
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

describe('SparkSql', () => {
  it('returns rows and reports failures', async (ctx) => {
    if (missing !== undefined) ctx.skip(missing);
    const directory = join(folder, 'one');
    mkdirSync(directory);
    const spark = await SparkSql.open({ home, master: 'local[1]', conf, directory });
    try {
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
