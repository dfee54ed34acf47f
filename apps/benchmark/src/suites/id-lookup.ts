import { ItemIdTable, type PackedIds } from '@gru4rec/item-ids';
import { RandomStream } from '@gru4rec/random';
import { peakMiB } from '../environment.ts';

/** The structures in which ids are looked up: our table, or a JavaScript `Map`. */
export const idStructures = ['table', 'map'] as const;
/** A name of {@link idStructures}. */
export type IdStructure = (typeof idStructures)[number];

/**
 * The figures of one structure, measured in its own process. Times are processor times, to which other processes do not
 * add.
 */
export interface IdFigures {
  readonly buildSeconds: number;
  readonly bytesPerId: number;
  readonly lookupsPerSecond: number;
  /** Peak memory of the process, which contains nothing else. */
  readonly peakMiB: number;
  /** Lookups that returned the right index, or correctly none. */
  readonly found: number;
}

/** Number of ids in a record batch of a dataset. */
const BATCH = 65_536;
/** Number of ids that are created before the clock starts and looked up once each. */
const BLOCK = 100_000;
const MOST_BLOCKS = 20;

interface Lookup {
  readonly add: (batch: PackedIds) => void;
  readonly find: (id: string) => number;
}

const structures: Readonly<Record<IdStructure, (ids: number) => Lookup>> = {
  table: (ids) => {
    const table = new ItemIdTable({ items: ids });
    return { add: (batch) => table.append(batch), find: (id) => table.indexOf(id) };
  },
  map: () => {
    const texts: string[] = [];
    const indexById = new Map<string, number>();
    const add = ({ utf8, offsets }: PackedIds) => {
      const bytes = Buffer.from(utf8.buffer, utf8.byteOffset, utf8.byteLength);
      for (let id = 1; id < offsets.length; id++) {
        const text = bytes.toString('utf8', offsets[id - 1], offsets[id]);
        indexById.set(text, texts.push(text) - 1);
      }
    };
    return { add, find: (id) => indexById.get(id) ?? -1 };
  },
};

/** Builds an index of ids from batches like those of a dataset. Then looks up ids, nine in ten of them known. */
export function measureIdLookup(structure: IdStructure, ids: number): IdFigures {
  const before = heldBytes();
  const lookup = structures[structure](ids);
  let buildMs = 0;
  for (let from = 0; from < ids; from += BATCH) {
    const batch = batchOf(from, Math.min(ids, from + BATCH));
    const start = cpuMs();
    lookup.add(batch);
    buildMs += cpuMs() - start;
  }
  const bytes = heldBytes() - before;
  const { seconds, lookups, found } = lookUp(lookup, ids);
  return {
    buildSeconds: buildMs / 1000,
    bytesPerId: bytes / ids,
    lookupsPerSecond: lookups / seconds,
    peakMiB: peakMiB(),
    found,
  };
}

/** The id of an item. Multiplication by an odd number keeps ids distinct. */
function idOf(item: number): string {
  return `p${Math.imul(item, 0x9e3779b1) >>> 0}`;
}

function batchOf(from: number, to: number): PackedIds {
  const utf8 = Buffer.alloc(11 * (to - from));
  const offsets = new Int32Array(to - from + 1);
  for (let item = from, end = 0; item < to; item++) {
    end += utf8.write(idOf(item), end);
    offsets[item - from + 1] = end;
  }
  return { utf8, offsets };
}

function lookUp({ find }: Lookup, ids: number): { seconds: number; lookups: number; found: number } {
  const blocks = Math.min(MOST_BLOCKS, Math.ceil(ids / BLOCK));
  const random = new RandomStream(1, 'benchmark.id-lookup');
  const indices = new Int32Array(BLOCK);
  let [ms, found] = [0, 0];
  for (let block = 0; block < blocks; block++) {
    const items = Int32Array.from({ length: BLOCK }, () => random.nextBelow(Math.ceil(ids / 0.9)));
    const wanted = Array.from(items, idOf);
    const start = cpuMs();
    for (let at = 0; at < BLOCK; at++) indices[at] = find(wanted[at] as string);
    ms += cpuMs() - start;
    for (const [at, item] of items.entries()) found += Number(indices[at] === (item < ids ? item : -1));
  }
  return { seconds: ms / 1000, lookups: blocks * BLOCK, found };
}

/** Processor time of this process, including garbage collection. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Bytes in and outside the heap, after garbage collection if Node exposes it. */
function heldBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
