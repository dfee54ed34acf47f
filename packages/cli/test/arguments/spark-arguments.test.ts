import { UsageError } from '@gru4rec/checked-options';
import { describe, expect, it } from 'vitest';
import { parseSpark, pathForSpark } from '../../src/arguments/spark-arguments.ts';
import { makeFolder, runHere } from '../run-trainer.ts';

const inFolder = (path: string) => `/here/${path}`;

describe('parseSpark', () => {
  it('is undefined for the DuckDB backend', () => {
    expect(parseSpark({}, inFolder, { SPARK_HOME: '/opt/spark' })).toBeUndefined();
    expect(parseSpark({ backend: 'duckdb' }, inFolder, {})).toBeUndefined();
  });

  it('takes the Spark folder from the option, else from the environment', () => {
    const args = { backend: 'spark', sparkMaster: 'yarn', sparkFolder: 'tmp', sparkConf: ['a.b=1', 'c=d=e'] };
    expect(parseSpark({ ...args, sparkHome: 'mine' }, inFolder, { SPARK_HOME: 'other' })).toEqual({
      master: 'yarn',
      home: '/here/mine',
      folder: '/here/tmp',
      conf: { 'a.b': '1', c: 'd=e' },
    });
    expect(parseSpark(args, inFolder, { SPARK_HOME: 'other' })?.home).toBe('/here/other');
  });

  it.each([
    [{ sparkMaster: 'yarn' }, '--spark-master expected --backend spark with it, got none'],
    [{ backend: 'duckdb', sparkConf: ['a=b'] }, '--spark-conf expected --backend spark with it, got none'],
    [{ backend: 'spark' }, "--backend spark expected --spark-master, such as 'local[*]'"],
    [
      { backend: 'spark', sparkMaster: 'yarn' },
      '--backend spark expected a folder of Spark (--spark-home or SPARK_HOME)',
    ],
    [
      { backend: 'spark', sparkMaster: 'yarn', sparkHome: 'x', sparkConf: ['=b'] },
      '--spark-conf expected key=value, got "=b"',
    ],
  ])('refuses %j', (args, message) => {
    expect(() => parseSpark(args, inFolder, {})).toThrow(new UsageError(message));
  });
});

describe('pathForSpark', () => {
  it('keeps a path with a scheme', () => {
    expect(pathForSpark('hdfs:///logs/*.parquet', inFolder)).toBe('hdfs:///logs/*.parquet');
    expect(pathForSpark('logs/*.parquet', inFolder)).toBe('/here/logs/*.parquet');
  });
});

describe('trainer prepare --backend spark', () => {
  it('exits with 2 for DuckDB options, and with 1 without Spark', async () => {
    const folder = makeFolder();
    const line = [
      'prepare',
      '--input',
      'x.parquet',
      '--output',
      'data',
      '--backend',
      'spark',
      '--spark-master',
      'yarn',
    ];
    const wrong = await runHere(folder, ...line, '--spark-home', 'none', '--threads', '2');
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringContaining('--threads expected nothing with Spark, got 2.'),
    ]);
    const ofText = await runHere(folder, ...line, '--spark-home', 'none', '--format', 'csv');
    expect([ofText.code, ofText.stderr]).toEqual([
      2,
      expect.stringContaining(
        '--format expected parquet with Spark, got csv. Convert the log to Parquet first',
      ),
    ]);
    const missing = await runHere(folder, ...line, '--spark-home', 'none');
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringContaining(
        `"sparkHome" expected a folder of Spark with bin/spark-sql, got none, at ${folder}/none`,
      ),
    ]);
  });
});
