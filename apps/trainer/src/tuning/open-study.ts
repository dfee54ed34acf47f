import { join } from 'node:path';
import {
  describeDatabase,
  openStudyDatabase,
  openStudyFile,
  type SharedStorage,
  type StudyStorage,
} from '@gru4rec/tuning';
import { makeFolder } from '../arguments/check-output.ts';
import { UsageError } from '../arguments/usage-error.ts';
import { withoutFunction } from '../terminal/describe-error.ts';

/** A study in a database, which processes on several machines work on. */
export interface StudyDatabase {
  readonly url: string;
  readonly study: string;
}

/** What is told while a study is kept in a database. */
export interface DatabaseWatch {
  /** Ends the tries to connect again. */
  readonly signal: AbortSignal;
  /** Takes why the connection was lost; it is tried again. */
  readonly onLost: (reason: string) => void;
}

const STUDY_FILE = 'study.duckdb';

/**
 * The URL of a database, as `--storage` gives it.
 *
 * @throws UsageError if it is none; the message does not repeat it, as it may hold a password.
 */
export function checkStorage(url: string): string {
  try {
    describeDatabase(url);
    return url;
  } catch (error) {
    throw new UsageError(withoutFunction((error as Error).message).replace(/^"url"/, '--storage'));
  }
}

/** Makes the folder of a study and opens the study: a file in the folder, or what the database keeps. */
export async function openStudy(
  output: string,
  database: StudyDatabase | undefined,
  watch: DatabaseWatch,
): Promise<StudyStorage | SharedStorage> {
  if (!database) {
    await makeOutput(output);
    return openStudyFile(join(output, STUDY_FILE));
  }
  const storage = await openStudyDatabase(database.url, { study: database.study, ...watch });
  try {
    await makeOutput(output);
    return storage;
  } catch (error) {
    await storage.close();
    throw error;
  }
}

async function makeOutput(folder: string): Promise<void> {
  await makeFolder(folder).catch((cause) => {
    throw new Error(`The study cannot be written in ${folder}`, { cause });
  });
}
