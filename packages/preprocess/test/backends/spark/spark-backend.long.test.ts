import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { sparkForTests } from '@gru4rec/test-support';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { type PrepareOptions, type PrepareProgress, prepare } from '../../../src/index.ts';
import { runSql } from '../../fuzz/parquet-files.ts';
import { executors } from './executors.ts';
import { writeMixedLogs } from './shop-logs.ts';

const { home = '', missing } = sparkForTests(process.env);
const folder = testFolder();
/** Two workers, each in its own process. */
const CLUSTER = 'local-cluster[2,1,1024]';

// Blocks of a few lines; less compilation, because every process runs for seconds.
const conf = {
  'spark.sql.files.maxPartitionBytes': '8000',
  'spark.sql.shuffle.partitions': '2',
  'spark.ui.enabled': 'false',
  'spark.executor.memory': '512m',
  'spark.driver.extraJavaOptions': '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
  'spark.executor.extraJavaOptions': '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
};

const columns = { itemColumn: 'item', timeColumn: 'at', eventColumn: 'kind' };

function contentOf(output: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(output).map((name) => [name, readFileSync(join(output, name), 'latin1')]),
  );
}

async function withDuckDb(options: Omit<PrepareOptions, 'output'>): Promise<Record<string, string>> {
  const output = join(folder, 'duckdb');
  await prepare({ ...options, output, overwrite: true });
  return contentOf(output);
}

async function onSpark(
  master: string,
  options: Omit<PrepareOptions, 'output'>,
): Promise<Record<string, string>> {
  const output = join(folder, 'spark');
  await prepare({ ...options, output, overwrite: true, spark: { home, master, conf } });
  return contentOf(output);
}

describe('withSpark', () => {
  it('makes the same dataset as DuckDB from any mix of files and blocks while workers are killed', async (ctx) => {
    if (missing !== undefined) ctx.skip(missing);
    const mixed = {
      ...columns,
      inputs: await writeMixedLogs(folder),
      userColumn: 'user',
      sessionGapMs: 3 * 3_600_000,
      eventTypes: ['view', 'buy'],
      onBadRow: 'skip',
      minItemSupport: 30,
      testDays: 0.5,
      validationDays: 0.5,
    } as const;
    const expected = await withDuckDb(mixed);
    expect(expected['bad-rows.tsv']?.split('\n')).toHaveLength(10);
    const killer = new Killer(['5 inputs', 'sort into sessions']);
    expect(await onSpark(CLUSTER, { ...mixed, onProgress: killer.onProgress })).toEqual(expected);
    expect(killer.killed).toHaveLength(2);
    expect(new Set(killer.stagesAfter)).toEqual(new Set(['read', 'sort', 'filter', 'split', 'write']));
    expect(killer.log.match(/Lost executor \d/g)).toHaveLength(2);
    expect(readdirSync(folder).filter((name) => name.includes('spark'))).toEqual(['spark']);
  });

  it.for<Partial<PrepareOptions>>([
    { testDays: 0.05, validationFraction: 0.2 },
    // Sessions of one click at the same time: the fraction takes some of those that end together.
    { testFraction: 0.25, validationFraction: 0.25, minSessionLength: 1 },
    { testFraction: 0.25, timeUnit: 'us' },
  ])('splits by %j like DuckDB', async (split, ctx) => {
    if (missing !== undefined) ctx.skip(missing);
    const log = join(folder, 'tied.csv');
    const clicks = Array.from(
      { length: 3000 },
      (_, at) => `s${at % 700},i${at % 7},${1000 + (at % 900) * 100}\n`,
    );
    const late = ['i1', 'late only', 'i1', 'ü"\ufeff'].map(
      (id) => `late,"${id.replaceAll('"', '""')}",9999999\n`,
    );
    writeFileSync(log, `SessionId,ItemId,Time\n${clicks.join('')}${late.join('')}`);
    const input = join(folder, 'tied.parquet');
    await runSql(
      `COPY (FROM read_csv('${log}', types = {'SessionId': 'VARCHAR', 'ItemId': 'VARCHAR'})) TO '${input}'`,
    );
    const items = join(folder, 'items.jsonl');
    const rows = ['i7', 'i3', 'late only', 'ü"\ufeff'].map((id) => `${JSON.stringify({ id })}\n`);
    writeFileSync(items, rows.join(''));
    const options = { ...split, inputs: [input], items, keepMs: 70_900_000 };
    const expected = await withDuckDb(options);
    expect(await onSpark('local[1]', options)).toEqual(expected);
  });

  it('reports in one line what failed and where its log is, and leaves nothing else', async (ctx) => {
    if (missing !== undefined) ctx.skip(missing);
    const own = join(folder, 'failures');
    mkdirSync(own);
    const output = join(own, 'data');
    const input = join(own, 'x.parquet');
    writeFileSync(input, 'PAR1 is not all\n');
    const fail = (master: string, inputs: string[]) =>
      prepare({ inputs, output, spark: { home, master, conf } }).catch((error: Error) => error.message);
    const log = join(own, 'data.spark.log');
    expect(await fail('nonsense', [input])).toMatch(
      /^prepare: Spark expected to finish, got: .*Master must either be yarn or start with .*$/,
    );
    expect(await fail('local[1]', [input])).toMatch(
      new RegExp(`^prepare: Spark expected to finish, got: .*x.parquet.* Its log: ${log}\\.$`),
    );
    const [text, times] = [join(own, 'x.csv'), join(own, 'times.parquet')];
    writeFileSync(text, 'SessionId,ItemId,Time\n1,2,3\n');
    expect(await fail('local[1]', [text])).toBe(
      `prepare: "input" expected Parquet files with Spark, got another format, at ${text}. Convert a log of another format to Parquet first (docs/spark.md).`,
    );
    await runSql(`COPY (SELECT 1 AS SessionId, 2 AS ItemId, '3' AS Time) TO '${times}'`);
    expect(await fail('local[1]', [times])).toBe(
      `prepare: column "Time" expected numbers or timestamps with Spark, got string, at ${times}:1. Convert it first (docs/spark.md).`,
    );
    expect(readdirSync(own).toSorted()).toEqual(['data.spark.log', 'times.parquet', 'x.csv', 'x.parquet']);
    expect(readFileSync(log, 'utf8')).toContain('x.parquet');
  });
});

class Killer {
  readonly killed: number[] = [];
  readonly stagesAfter: string[] = [];
  log = '';
  readonly #details: readonly string[];
  readonly #started = new Set<string>();

  constructor(details: readonly string[]) {
    this.#details = details;
  }

  readonly onProgress = ({ stage, detail }: PrepareProgress): void => {
    if (this.killed.length > 0) this.stagesAfter.push(stage);
    if (stage === 'write' && this.log === '') this.log = readFileSync(driverLog(), 'utf8');
    if (!this.#details.includes(detail) || this.#started.has(detail)) return;
    this.#started.add(detail);
    void this.#kill();
  };

  async #kill(): Promise<void> {
    // Waits until the first tasks of the new statement run.
    await setTimeout(500);
    const [pid] = executors();
    if (pid === undefined) return;
    process.kill(pid, 'SIGKILL');
    this.killed.push(pid);
  }
}

function driverLog(): string {
  const found = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return join(folder, found.find((name) => name.endsWith('spark.log')) ?? '');
}

describe('withSpark without Spark', () => {
  it('reports that it is missing', async () => {
    const spark = { home: folder, master: 'local[1]' };
    const running = prepare({ inputs: ['x.csv'], output: join(folder, 'none'), spark });
    await expect(running).rejects.toThrow(
      `prepare: "sparkHome" expected a folder of Spark with bin/spark-sql, got none, at ${folder}.`,
    );
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });
});
