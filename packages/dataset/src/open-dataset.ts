import { crc32 } from 'node:zlib';
import type { SessionBlock, SessionBlocks } from '@gru4rec/batcher';
import { CHANGED, invalid } from './manifest.ts';
import {
  type BatchSessions,
  checkedBatches,
  idsOf,
  joinBatches,
  openWith,
  type SplitFile,
  sessionsOf,
} from './read-dataset.ts';
import { countItems, type DatasetOf } from './table.ts';

/** The sessions of a split on disk, read one block (record batch) at a time. `prepare` writes them in time order. */
export interface StreamedSplit extends SessionBlocks {
  /** Latest start of a session; −Infinity without sessions. */
  readonly lastStart: number;
  /** Earliest end of a session; Infinity without sessions. */
  readonly firstEnd: number;
  /** SHA-256 of the file. */
  readonly checksum: string;
  /** Times are milliseconds since 1970 UTC. @throws DataError naming the file, if it has changed since it was opened. */
  read(index: number): Promise<BatchSessions>;
  /** The ids of the sessions of a block (fresh). */
  readIds(index: number): Promise<string[]>;
}

/** A session dataset whose sessions stay on disk. */
export interface OpenedDataset extends DatasetOf<StreamedSplit> {
  /** Reading fails afterwards. */
  close(): Promise<void>;
}

/**
 * Opens a session dataset after the same checks as `readDataset`, and with its errors. Reads each file twice, one record batch
 * at a time. The caller closes it.
 * @example
 * const onDisk = await openDataset('data');
 * const model = await train(onDisk, { layers: [32], nEpochs: 1 });
 * await onDisk.close();
 */
export function openDataset(directory: string): Promise<OpenedDataset> {
  return openWith(directory, streamSplit);
}

/**
 * Reads all record batches of a split.
 * @returns its sessions (fresh), and the checksum of the file.
 * @throws DataError as `StreamedSplit.read`; RangeError if they do not fit into an array.
 */
export async function readBlocks({
  blocks,
  checksum,
  contextWidth,
  read,
}: StreamedSplit): Promise<BatchSessions & { readonly checksum: string }> {
  const total = (name: 'sessions' | 'events') => blocks.reduce((sum, block) => sum + block[name], 0);
  async function* batches() {
    for (const index of blocks.keys()) yield await read(index);
  }
  const counts = { sessions: total('sessions'), events: total('events'), contextWidth };
  return { ...(await joinBatches(batches(), counts)), checksum };
}

async function streamSplit(file: SplitFile, counted?: Int32Array): Promise<StreamedSplit> {
  const { path, arrow, checksum, contextColumns } = file;
  const blocks: SessionBlock[] = [];
  const checksums: number[] = [];
  let inTimeOrder = true;
  let latest = Number.NEGATIVE_INFINITY;
  let lastStart = Number.NEGATIVE_INFINITY;
  let firstEnd = Number.POSITIVE_INFINITY;
  for await (const { block, ...sessions } of checkedBatches(file)) {
    blocks.push(block);
    checksums.push(checksumOf(sessions));
    if (counted) countItems(sessions.items, counted);
    const next = latestStart(sessions, latest);
    inTimeOrder &&= next !== undefined;
    latest = next ?? latest;
    for (let session = 0; session < block.sessions; session++) {
      const [start = 0, end = 0] = sessions.sessionOffsets.subarray(session, session + 2);
      lastStart = Math.max(lastStart, Number(sessions.times[start]));
      firstEnd = Math.min(firstEnd, Number(sessions.times[end - 1]));
    }
  }
  const reread = async (index: number): Promise<BatchSessions> => {
    const sessions = sessionsOf(path, await arrow.read(index), contextColumns);
    if (checksumOf(sessions) !== checksums[index]) {
      const flaw = `record batch ${index} expected to be as it was when the file was opened, got other content`;
      throw invalid(path, flaw, { advice: CHANGED });
    }
    return sessions;
  };
  return {
    blocks,
    inTimeOrder,
    lastStart,
    firstEnd,
    checksum,
    contextWidth: contextColumns.length,
    // Copies, so that the batch can be freed.
    async read(index) {
      const { sessionOffsets, items, times, context } = await reread(index);
      return {
        sessionOffsets: sessionOffsets.slice(),
        items: items.slice(),
        times: times.slice(),
        context,
      };
    },
    readIds: async (index) => idsOf(await arrow.read(index)),
  };
}

function checksumOf({ sessionOffsets, items, context }: BatchSessions): number {
  const bytes = ({ buffer, byteOffset, byteLength }: Int32Array) =>
    new Uint8Array(buffer, byteOffset, byteLength);
  const ofItems = crc32(bytes(items), crc32(bytes(sessionOffsets)));
  return context ? crc32(bytes(context), ofItems) : ofItems;
}

/** Undefined if a session starts before its predecessor. Single clicks are not trained on and not counted. */
function latestStart({ sessionOffsets, times }: BatchSessions, latest: number): number | undefined {
  let last = latest;
  for (let session = 1; session < sessionOffsets.length; session++) {
    const start = sessionOffsets[session - 1] ?? 0;
    if ((sessionOffsets[session] ?? 0) - start < 2) continue;
    const time = Number(times[start]);
    if (time < last) return undefined;
    last = time;
  }
  return last;
}
