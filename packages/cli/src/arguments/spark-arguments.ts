import { UsageError } from '@gru4rec/checked-options';
import type { PrepareOptions } from '@gru4rec/preprocess';

/** The arguments of `prepare` that choose Apache Spark. */
export interface SparkArguments {
  readonly backend?: string;
  readonly sparkMaster?: string;
  readonly sparkHome?: string;
  readonly sparkFolder?: string;
  readonly sparkConf?: readonly string[];
}

/**
 * Parses the options of Spark; undefined for DuckDB.
 *
 * @param inFolder - makes a path absolute.
 * @throws UsageError if there are arguments of Spark without `--backend spark`, or no folder or master of Spark.
 */
export function parseSpark(
  args: SparkArguments,
  inFolder: (path: string) => string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): PrepareOptions['spark'] {
  const { sparkMaster: master, sparkHome, sparkFolder, sparkConf } = args;
  if (args.backend !== 'spark') {
    const given = Object.entries({ master, home: sparkHome, folder: sparkFolder, conf: sparkConf });
    const [name] = given.find(([, value]) => value !== undefined) ?? [];
    if (name === undefined) return undefined;
    throw new UsageError(`--spark-${name} expected --backend spark with it, got none`);
  }
  const home = sparkHome ?? environment['SPARK_HOME'];
  if (master === undefined)
    throw new UsageError("--backend spark expected --spark-master, such as 'local[*]'");
  if (!home) throw new UsageError('--backend spark expected a folder of Spark (--spark-home or SPARK_HOME)');
  return {
    master,
    home: inFolder(home),
    folder: sparkFolder === undefined ? undefined : inFolder(sparkFolder),
    conf: Object.fromEntries((sparkConf ?? []).map(parseSetting)),
  };
}

/** Resolves a relative path from the user's folder. A path with a scheme, such as `hdfs:`, is unchanged. */
export function pathForSpark(path: string, inFolder: (path: string) => string): string {
  return /^[a-z][a-z0-9+.-]+:/i.test(path) ? path : inFolder(path);
}

function parseSetting(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(`--spark-conf expected key=value, got ${JSON.stringify(text)}`);
}
