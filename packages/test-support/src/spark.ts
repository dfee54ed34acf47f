import { spawnSync } from 'node:child_process';

/** Folder of Apache Spark for tests, or why it is missing. */
export type SparkForTests =
  | { readonly home: string; readonly missing?: never }
  | { readonly home?: never; readonly missing: string };

/**
 * Finds Apache Spark in the folder that the variable GRU4REC_SPARK names. `.ci/run` sets one up.
 *
 * @param environment - `process.env`.
 */
export function sparkForTests(environment: Record<string, string | undefined>): SparkForTests {
  const { GRU4REC_SPARK: home, JAVA_HOME: java } = environment;
  if (!home) return { missing: 'GRU4REC_SPARK names no folder of Spark 3.5' };
  const { status } = spawnSync(java ? `${java}/bin/java` : 'java', ['-version'], { stdio: 'ignore' });
  return status === 0 ? { home } : { missing: 'no Java' };
}
