import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { checkOptions, type OptionCheck, required, text } from '@gru4rec/checks';
import {
  type DatasetManifest,
  extendDatasetFiles,
  readManifest,
  readSessionChunks,
  replaceDataset,
  type SplitName,
} from '@gru4rec/dataset';
import { recover } from '@gru4rec/durable-files';
import { BAD_ROWS_FILE } from './bad-rows.ts';

/** A dataset, and whose sessions leave it. */
export interface ForgetOptions {
  readonly directory: string;
  /** Ids of sessions; of users too if the dataset was made with `userColumn`, for all of their sessions `u#n`. */
  readonly ids: ReadonlySet<string>;
}

const aSet: OptionCheck = { expected: 'a Set of ids', fits: (value) => value instanceof Set };

/** What left a dataset. */
export interface ForgetReport {
  /** Sessions that each split lost. */
  readonly removed: Readonly<Partial<Record<SplitName, number>>>;
  /** The given ids that sessions had. */
  readonly found: ReadonlySet<string>;
  /** Checksum of the dataset as it is now. */
  readonly checksum: string;
  /** Checksums that it had before, as far as its manifest knows: models with one of them may contain the sessions. */
  readonly earlier: readonly string[];
}

/** If `prepare` wrote the manifest. */
interface Preparation {
  readonly options?: { readonly userColumn?: unknown };
  readonly appended?: readonly { readonly checksumBefore: string }[];
  readonly forgotten?: readonly { readonly checksumBefore: string }[];
}

/**
 * Removes sessions from every split of a dataset. Items keep their index. The list of bad rows is deleted, because its rows may
 * be anybody's. Another call completes what a killed one began.
 * @throws DataError naming a file that is missing or damaged.
 */
export async function forget(options: ForgetOptions): Promise<ForgetReport> {
  checkOptions('forget', options, { directory: required(text), ids: required(aSet) });
  const { directory, ids } = options;
  const manifest = await readManifest(directory);
  const preparation = (manifest.preparation ?? {}) as Preparation;
  const idOf = matcher(ids, usersOf(manifest));
  const { removed, events, found } = await findSessions(directory, manifest, idOf);
  const { appended = [], forgotten = [] } = preparation;
  const history = [...appended, ...forgotten].map(({ checksumBefore }) => checksumBefore);
  let checksum = manifest.checksum;
  if (found.size > 0) {
    const entry = { removed, events, checksumBefore: checksum };
    history.push(checksum);
    const next = { ...preparation, forgotten: [...forgotten, entry] };
    const isKept = (id: string) => idOf(id) === undefined;
    const written = await replaceDataset(directory, { overwrite: true }, (folder) =>
      extendDatasetFiles(folder, { base: directory, preparation: next, isKept }),
    );
    checksum = written.checksum;
  } else {
    await recover(directory);
    await rm(join(directory, BAD_ROWS_FILE), { force: true });
  }
  return { removed, found, checksum, earlier: history.filter((before) => before !== checksum) };
}

/** @returns maps the id of a session to the given id that it belongs to. */
function matcher(
  ids: ReadonlySet<string>,
  userOf: (sessionId: string) => string,
): (sessionId: string) => string | undefined {
  return (sessionId) => [sessionId, userOf(sessionId)].find((id) => ids.has(id));
}

/** @returns maps the id of a session to its user in a dataset made with `userColumn`, else to itself. */
export function usersOf({ preparation }: DatasetManifest): (sessionId: string) => string {
  const { options } = (preparation ?? {}) as Preparation;
  return (id) => (typeof options?.userColumn === 'string' ? id.replace(/#\d+$/, '') : id);
}

async function findSessions(
  directory: string,
  manifest: DatasetManifest,
  idOf: (sessionId: string) => string | undefined,
) {
  const removed: Partial<Record<SplitName, number>> = {};
  const found = new Set<string>();
  let events = 0;
  for (const name of Object.keys(manifest.counts.splits) as SplitName[]) {
    for await (const { sessionIds, sessionOffsets } of readSessionChunks(directory, manifest, name)) {
      for (const [session, sessionId] of sessionIds.entries()) {
        const id = idOf(sessionId);
        if (id === undefined) continue;
        found.add(id);
        removed[name] = (removed[name] ?? 0) + 1;
        events += (sessionOffsets[session + 1] ?? 0) - (sessionOffsets[session] ?? 0);
      }
    }
  }
  return { removed, found, events };
}
