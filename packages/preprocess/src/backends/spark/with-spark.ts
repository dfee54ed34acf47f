import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { access, copyFile, mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DataError } from '@gru4rec/dataset';
import type { CheckedOptions, SparkOptions } from '../../options.ts';
import { DuckDb } from '../duckdb/duckdb.ts';
import { SparkBackend } from './spark-backend.ts';
import { SPARK_LOG, SparkError, SparkSql } from './spark-sql.ts';

/** Spark's tables are removed at the end, or when the process exits. */
export async function withSpark<Result>(
  options: CheckedOptions & { readonly spark: SparkOptions },
  scratch: string,
  use: (backend: SparkBackend) => Promise<Result>,
): Promise<Result> {
  const { spark: settings, output } = options;
  await checkHome(settings.home);
  const directory = join(scratch, 'spark');
  const tables = resolve(settings.folder ?? scratch, `gru4rec-${randomUUID()}`);
  const removeTables = () => rmSync(tables, { recursive: true, force: true });
  process.prependOnceListener('exit', removeTables);
  try {
    await mkdir(directory);
    await makeTables(tables, settings.folder);
    const backend = await open(options, { directory, tables });
    try {
      return await use(backend);
    } finally {
      await backend.close();
    }
  } catch (error) {
    throw error instanceof SparkError ? await failure(error, join(directory, SPARK_LOG), output) : error;
  } finally {
    process.off('exit', removeTables);
    await rm(tables, { recursive: true, force: true });
  }
}

async function checkHome(home: string): Promise<void> {
  await access(join(home, 'bin', 'spark-sql')).catch((cause: unknown) => {
    const message = `prepare: "sparkHome" expected a folder of Spark with bin/spark-sql, got none, at ${home}.`;
    throw new DataError(message, { file: home, cause });
  });
}

async function makeTables(tables: string, folder: string | undefined): Promise<void> {
  await mkdir(tables).catch((cause: unknown) => {
    if (folder === undefined) throw cause;
    const message = `prepare: "sparkFolder" expected a folder that can be written to, got ${(cause as Error).message}, at ${folder}.`;
    throw new DataError(message, { file: folder, cause });
  });
}

async function open(
  options: CheckedOptions & { readonly spark: SparkOptions },
  { directory, tables }: { readonly directory: string; readonly tables: string },
): Promise<SparkBackend> {
  const { home, master, conf = {} } = options.spark;
  const spark = await SparkSql.open({
    home: resolve(home),
    master,
    directory,
    conf: { ...unlessSaid, ...conf, ...fixed, 'spark.sql.warehouse.dir': tables },
  });
  const [version = ''] = await spark.lines('SELECT version()');
  if (!version.startsWith('3.5.')) {
    await spark.close();
    throw new DataError(
      `prepare: "sparkHome" expected Spark 3.5, got ${version.split(' ')[0]}, at ${home}.`,
      {
        file: home,
      },
    );
  }
  const reader = await DuckDb.open({ directory: join(directory, 'duckdb'), folders: [tables] });
  return new SparkBackend({ spark, reader, tables }, options);
}

const unlessSaid = { 'spark.ui.showConsoleProgress': 'true' };

const fixed = {
  'spark.sql.ansi.enabled': 'false',
  'spark.sql.caseSensitive': 'true',
  'spark.sql.catalogImplementation': 'in-memory',
  'spark.sql.cli.print.header': 'false',
  'spark.sql.files.ignoreCorruptFiles': 'false',
  'spark.sql.files.ignoreMissingFiles': 'false',
  'spark.sql.parquet.binaryAsString': 'true',
  'spark.sql.parser.escapedStringLiterals': 'false',
  'spark.sql.session.timeZone': 'UTC',
  'spark.sql.variable.substitute': 'false',
};

async function failure(error: SparkError, log: string, output: string): Promise<DataError> {
  const kept = `${resolve(output)}.spark.log`;
  const isKept = await copyFile(log, kept).then(
    () => true,
    () => false,
  );
  const place = isKept ? ` Its log: ${kept}.` : '';
  const said = error.message.replace(/[.;]$/, '');
  return new DataError(`prepare: Spark expected to finish, got: ${said}.${place}`, { cause: error });
}
