import type { CheckedOptions } from '../../options.ts';
import { castBack, type DuckDb, plainInteger } from './duckdb.ts';
import { timeColumns } from './duckdb-time.ts';

const ids = ['session', 'item'] as const;
type IdColumn = (typeof ids)[number];
type IdType = 'INTEGER' | 'BIGINT' | 'VARCHAR';

export interface RowSource extends Readonly<Record<IdColumn, IdSource>> {
  /**
   * SQL: a query of `session`, `item`, `time_text`, `event`, `record`, `context` and what the other expressions
   * read, in the order of the rows. Empty texts are NULL.
   */
  readonly query: string;
  /** The type of `time_text`. With `parsed`, the query also has `time`, as table `raw` has it. */
  readonly time: 'text' | 'integer' | 'parsed';
}

export interface IdSource {
  /** Whether the column of the query is an integer of at most 64 bits; otherwise it is text. */
  readonly isInteger: boolean;
  readonly careful: string;
}

/**
 * Table `raw`, which all files are read into; rowid counts from 0 in the order of files and rows. An id column has integers,
 * which compare faster, until a row has another id: the whole column changes from 32 to 64 bits, then to text. Only the text
 * that CAST gives back is an integer, so `007` and `1e3` stay exact.
 */
export class RawTable {
  readonly #db: DuckDb;
  readonly #types: Record<IdColumn, IdType> = { session: 'INTEGER', item: 'INTEGER' };

  private constructor(db: DuckDb) {
    this.#db = db;
  }

  static async create(db: DuckDb, options: CheckedOptions): Promise<RawTable> {
    const { eventColumn, eventsField, contextColumns } = options;
    // BOOLEAN uses the least memory for a column without values.
    // `record`: the line of an event in JSON Lines with several events per line.
    await db.run(`
      CREATE TABLE raw (session INTEGER, item INTEGER, time BIGINT, time_text VARCHAR,
        event ${eventColumn === undefined ? 'BOOLEAN' : 'VARCHAR'},
        record ${eventsField === undefined ? 'BOOLEAN' : 'BIGINT'},
        context ${contextColumns === undefined ? 'BOOLEAN' : 'VARCHAR'})`);
    return new RawTable(db);
  }

  isInteger(column: IdColumn): boolean {
    return this.#types[column] !== 'VARCHAR';
  }

  async append(source: RowSource): Promise<void> {
    for (;;) {
      try {
        return await this.#db.run(this.#insertion(source));
      } catch (error) {
        const column = ids.find((column) => String(error).includes(unfit(column)));
        if (column === undefined) throw error;
        this.#types[column] = this.#types[column] === 'INTEGER' ? 'BIGINT' : 'VARCHAR';
        await this.#db.run(`ALTER TABLE raw ALTER COLUMN ${column} SET DATA TYPE ${this.#types[column]}`);
      }
    }
  }

  #insertion(source: RowSource): string {
    const { casts, inner, time, text } = timeColumns[source.time];
    const texts = ids
      .filter((column) => !source[column].isInteger)
      .map((column) => ({ column, type: this.#types[column] === 'INTEGER' ? 'INTEGER' : 'BIGINT' }) as const);
    const idCasts = texts.map(({ column, type }) => `TRY_CAST(${column} AS ${type}) AS ${column}_cast`);
    const numbers = texts.map(({ column }) => `${castBack(`${column}_cast`, column)} AS ${column}_number`);
    // Each cast in its own subquery, because DuckDB would compute it again for each use in a CASE.
    return `
      INSERT INTO raw
      SELECT ${ids.map((column) => this.#id(column, source[column])).join(', ')}, ${time}, ${text}, event, record, context
      FROM (
        SELECT ${['*', ...numbers, ...inner].join(', ')}
        FROM (SELECT ${['*', ...idCasts, ...casts].join(', ')} FROM (${source.query})))`;
  }

  #id(column: IdColumn, { isInteger, careful }: IdSource): string {
    const type = this.#types[column];
    const number = `${column}_number`;
    if (isInteger) {
      if (type !== 'INTEGER') return `CAST(${column} AS ${type})`;
      return `CASE WHEN ${column} IS NOT NULL THEN coalesce(TRY_CAST(${column} AS INTEGER), error('${unfit(column)}')) END`;
    }
    const isPlain = `${number} IS NOT NULL OR ${column} IS NULL`;
    if (type === 'VARCHAR') return `CASE WHEN ${isPlain} THEN ${column} ELSE ${careful} END`;
    return `
      CASE WHEN ${isPlain} THEN ${number} WHEN (${careful}) IS NULL THEN NULL
        ELSE coalesce(${plainInteger(`(${careful})`, type)}, error('${unfit(column)}')) END`;
  }
}

function unfit(column: IdColumn): string {
  return `a ${column} that does not fit`;
}
