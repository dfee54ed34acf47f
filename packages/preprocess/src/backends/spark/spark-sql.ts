import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

export interface SparkSqlOptions {
  readonly home: string;
  readonly master: string;
  readonly conf: Readonly<Record<string, string>>;
  /** An empty local folder for statements and the driver's log. */
  readonly directory: string;
}

export class SparkError extends Error {}

export const SPARK_LOG = 'spark.log';

const PROMPT = 'spark-sql (';
const DONE = 'gru4rec.done';
const SHOWN_CHARACTERS = 400;
const LEAVE_MS = 10_000;

/**
 * One `spark-sql` process for all statements. Each is in a separate file, so that the shell neither splits nor substitutes it.
 */
export class SparkSql {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #directory: string;
  readonly #out: Lines;
  readonly #err: Lines;
  #statements = 0;
  #last: Promise<unknown> = Promise.resolve();
  readonly #kill = () => this.#child.kill('SIGKILL');

  private constructor(child: ChildProcessWithoutNullStreams, directory: string) {
    this.#child = child;
    this.#directory = directory;
    this.#out = new Lines(child, 'stdout');
    this.#err = new Lines(child, 'stderr');
    process.prependOnceListener('exit', this.#kill);
  }

  static async open({ home, master, conf, directory }: SparkSqlOptions): Promise<SparkSql> {
    await writeFile(join(directory, 'log4j2.properties'), log4j);
    const settings = Object.entries(conf).flatMap(([name, value]) => ['--conf', `${name}=${value}`]);
    const java = '-Dlog4j2.configurationFile=./log4j2.properties -Dfile.encoding=UTF-8';
    // `env` sets two variables and passes on all others.
    const child = spawn(
      'env',
      [
        `SPARK_HOME=${home}`,
        `SPARK_SUBMIT_OPTS=${java}`,
        join(home, 'bin', 'spark-sql'),
        '--master',
        master,
        ...settings,
      ],
      { cwd: directory, stdio: ['pipe', 'pipe', 'pipe'] },
    );
    // A broken pipe is reported as the end of the process.
    child.stdin.on('error', () => undefined);
    return new SparkSql(child, directory);
  }

  lines(sql: string): Promise<string[]> {
    const result = this.#last.then(() => this.#run(sql));
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** As objects by column, without columns that are NULL. */
  async rows(sql: string): Promise<Record<string, unknown>[]> {
    const lines = await this.lines(`SELECT to_json(struct(*)) FROM (${sql})`);
    return lines.map((line) => JSON.parse(line));
  }

  async createTable(name: string, query: string): Promise<void> {
    await this.lines(`CREATE TABLE ${name} USING parquet AS ${query}`);
  }

  async dropTable(name: string): Promise<void> {
    await this.lines(`DROP TABLE ${name}`);
  }

  /** From 0 to 1, parsed from Spark's progress bar on standard error. */
  get progress(): number {
    const bar = this.#err.rest.slice(this.#err.rest.lastIndexOf('\r[Stage '));
    let [done, total] = [0, 0];
    for (const [, ended, all] of bar.matchAll(/\((\d+) \+ \d+\) \/ (\d+)\]/g)) {
      done += Number(ended);
      total += Number(all);
    }
    return total === 0 ? 0 : done / total;
  }

  async close(): Promise<void> {
    process.off('exit', this.#kill);
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin.end();
    const wait = new AbortController();
    await Promise.race([ended, setTimeout(LEAVE_MS, undefined, { signal: wait.signal })]);
    wait.abort();
    this.#kill();
  }

  async #run(sql: string): Promise<string[]> {
    const number = this.#statements++;
    await writeFile(join(this.#directory, `${number}.sql`), sql.trim());
    this.#child.stdin.write(`source ${number}.sql;\nSET ${DONE}=${number};\nsource end-${number};\n`);
    const [rows, said] = await Promise.all([
      this.#out.until((line) => line === `${DONE}\t${number}`),
      this.#err.until((line) => line.includes(`end-${number} is not a file`)),
    ]);
    // One line for the previous `source end`, one each for the statement, its `source` and SET. A failed statement prints
    // none of them.
    const timings = said.filter((line) => line.startsWith('Time taken: ')).length;
    if (timings < (number === 0 ? 3 : 4)) throw new SparkError(errorLine(said));
    return rows.filter((line) => !line.startsWith(PROMPT));
  }
}

class Lines {
  #complete: string[] = [];
  #rest = '';
  #isEnded = false;
  #wake: () => void = () => undefined;

  constructor(child: ChildProcessWithoutNullStreams, name: 'stdout' | 'stderr') {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      const [first = '', ...others] = text.split('\n');
      this.#rest += first;
      for (const line of others) {
        // The text before a carriage return is a progress bar.
        this.#complete.push(this.#rest.slice(this.#rest.lastIndexOf('\r') + 1));
        this.#rest = line;
      }
      this.#wake();
    });
    const end = (): void => {
      this.#isEnded = true;
      this.#wake();
    };
    child.on('close', end);
    child.on('error', (error) => {
      this.#complete.push(error.message);
      end();
    });
  }

  get rest(): string {
    return this.#rest;
  }

  async until(isLast: (line: string) => boolean): Promise<string[]> {
    for (let from = 0; ; ) {
      const at = this.#complete.findIndex((line, index) => index >= from && isLast(line));
      if (at !== -1) return this.#complete.splice(0, at + 1).slice(0, -1);
      if (this.#isEnded) return this.#complete.splice(0);
      from = this.#complete.length;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

function errorLine(said: readonly string[]): string {
  const telling = said.filter((line) => line.trim() !== '' && !chatter.test(line));
  const line =
    telling.find((text) => /^\[[A-Z_.]+\]/.test(text)) ??
    telling.findLast((text) => text.startsWith('Caused by: ')) ??
    telling.find((text) => /Error|Exception|\bnot\b/.test(text)) ??
    telling[0] ??
    'its process ended';
  return line.replace('Caused by: ', '').trim().slice(0, SHOWN_CHARACTERS);
}

const chatter =
  /^(\s+at |Time taken|Setting default log level|To adjust logging|Spark master:|WARNING: |Using Spark's|\d\d\/\d\d\/\d\d .* (WARN|INFO) )/;

const log4j = `rootLogger.level = warn
rootLogger.appenderRef.file.ref = file
appender.file.type = File
appender.file.name = file
appender.file.fileName = ${SPARK_LOG}
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d{ISO8601} %p %c{1}: %m%n%ex
`;
