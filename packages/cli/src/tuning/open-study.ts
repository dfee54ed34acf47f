import { join } from 'node:path';
import { openStudyDatabase, openStudyFile, type StudyStorage } from '@gru4rec/tuning';
import { makeFolder } from '../arguments/check-output.ts';

/** A study in a database, which processes on several machines share. */
export interface StudyDatabase {
  readonly url: string;
  readonly study: string;
}

/** Callbacks for a study in a database. */
export interface DatabaseWatch {
  /** Ends attempts to reconnect. */
  readonly signal: AbortSignal;
  /** Called with the reason when the connection is lost, before reconnecting. */
  readonly onLost: (reason: string) => void;
}

const STUDY_FILE = 'study.jsonl';

/** Creates the folder of a study, and opens the study: a file in the folder, or a study in a database. */
export async function openStudy(
  output: string,
  database: StudyDatabase | undefined,
  watch: DatabaseWatch,
): Promise<StudyStorage> {
  if (!database) {
    await makeOutput(output);
    return openStudyFile(join(output, STUDY_FILE));
  }
  const { onLost, signal } = watch;
  const storage = await openStudyDatabase(database.url, { study: database.study, onLost, signal });
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
