import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { readDataset, type SessionDataset, type SessionTable } from '@gru4rec/dataset';
import { type PrepareOptions, prepare } from '@gru4rec/preprocess';
import { writeShopLog } from '@gru4rec/synthetic';
import { UsageError } from '../command-line.ts';

export const dataNames = ['rsc15-100k', 'tmall', 'nowplaying', 'globo', 'shop'] as const;
export type DataName = (typeof dataNames)[number];

export interface DataSource {
  /** Folder with a folder per published data set; undefined if not given. */
  readonly dataFolder: string | undefined;
  readonly shop: { readonly events: number; readonly items: number };
}

export interface StudyData {
  /** All training sessions, and the test sessions. */
  readonly final: SessionDataset & { readonly test: SessionTable };
  /** The training sessions in time order, without the last part, which is the validation split. */
  readonly tune: SessionDataset & { readonly validation: SessionTable };
  readonly checksum: string;
}

interface Recipe {
  readonly options: Omit<PrepareOptions, 'output'>;
  /** Last days of the training sessions to validate on; undefined: a tenth of their time. */
  readonly validationDays?: number;
}

const DAY_MS = 86_400_000;

export async function openStudyData(name: DataName, source: DataSource, folder: string): Promise<StudyData> {
  await mkdir(folder, { recursive: true });
  const { options, validationDays } = await recipes[name](source, folder);
  const prepared = async (kind: string, more: Partial<PrepareOptions>) => {
    const output = join(folder, kind);
    await prepare({ ...options, ...more, output, overwrite: true });
    return readDataset(output);
  };
  const final = await prepared('final', {});
  const tune = await prepared('tune', { validationDays: validationDays ?? tenthOf(final.train) });
  if (!final.test || !tune.validation) throw new Error(`${name} expected a test and a validation split`);
  return {
    final: { ...final, test: final.test },
    tune: { ...tune, validation: tune.validation },
    checksum: `${final.manifest.checksum} ${tune.manifest.checksum}`,
  };
}

function tenthOf({ sessionStartTimes: times }: SessionTable): number {
  const last = times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const first = times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  return (last - first) / DAY_MS / 10;
}

const recipes: Record<DataName, (source: DataSource, folder: string) => Promise<Recipe>> = {
  'rsc15-100k': async (source) => ({
    options: {
      inputs: [fileOf(source, 'rsc15-100k', 'yoochoose-clicks-100k_train_full.txt')],
      testInputs: [fileOf(source, 'rsc15-100k', 'yoochoose-clicks-100k_test.txt')],
    },
    validationDays: 1,
  }),
  tmall: async (source) => givenSplit(source, 'tmall'),
  nowplaying: async (source) => givenSplit(source, 'nowplaying'),
  globo: async (source, folder) => ({
    // Cut by user at pauses of 30 minutes. The last 8 hours are the test, the 8 hours before the validation.
    options: {
      inputs: [await globoClicks(source, folder)],
      userColumn: 'user_id',
      itemColumn: 'click_article_id',
      timeColumn: 'click_timestamp',
      testDays: 1 / 3,
    },
    validationDays: 1 / 3,
  }),
  shop: async ({ shop }, folder) => {
    const file = join(folder, `clicks-${shop.events}-${shop.items}.tsv`);
    if (!existsSync(file)) await writeShopLog(file, { ...shop, seed: 1 });
    return { options: { inputs: [file], testDays: 3 }, validationDays: 3 };
  },
};

/** A data set of which only the order of the sessions is known: its times are made up. */
function givenSplit(source: DataSource, name: DataName): Recipe {
  const [train, test] = ['train.tsv.gz', 'test.tsv.gz'].map((file) => fileOf(source, name, file));
  return { options: { inputs: [train ?? ''], testInputs: [test ?? ''] } };
}

/** @throws UsageError naming what is missing. */
function fileOf({ dataFolder }: DataSource, name: DataName, file = ''): string {
  const expected = `study: ${name} expected --data-folder, the folder with the folder ${name}, got none`;
  if (dataFolder === undefined) throw new UsageError(expected);
  const path = join(dataFolder, name, file);
  if (existsSync(path)) return path;
  throw new UsageError(`study: ${name} expected ${path}, which does not exist`);
}

/** Without the last 1 %: the log is two days long, with a few late clicks over two weeks. */
async function globoClicks(source: DataSource, folder: string): Promise<string> {
  const directory = fileOf(source, 'globo');
  const hours = (await readdir(directory)).filter((name) => name.endsWith('.csv'));
  const target = join(folder, `clicks-${hours.length}-hours-99.tsv`);
  if (existsSync(target)) return target;
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  const connection = await instance.connect();
  const quoted = (path: string): string => `'${resolve(path).replaceAll("'", "''")}'`;
  await connection.run(`
    SET allowed_directories = [${quoted(directory)}, ${quoted(folder)}];
    SET enable_external_access = false; SET lock_configuration = true;
    CREATE TABLE clicks AS
      SELECT user_id, click_article_id, click_timestamp FROM read_csv(${quoted(join(directory, '*.csv'))});
    COPY (
      SELECT * FROM clicks
      WHERE click_timestamp <= (SELECT quantile_disc(click_timestamp, 0.99) FROM clicks)
      ORDER BY ALL
    ) TO ${quoted(target)} (FORMAT csv, DELIMITER '\t', HEADER)`);
  connection.closeSync();
  return target;
}
