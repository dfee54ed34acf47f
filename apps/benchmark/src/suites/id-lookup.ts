import { ItemIdTable, type PackedIds } from '@gru4rec/item-ids';
import { RandomStream } from '@gru4rec/random';
import { peakMiB } from '../environment.ts';

/** What item ids are looked up in: our table, or what JavaScript has. */
export const idStructures = ['table', 'map'] as const;
export type IdStructure = (typeof idStructures)[number];

/** What a process found out about one of them; time is that of the processor, which no other process adds to. */
export interface IdFigures {
  readonly buildSeconds: number;
  readonly bytesPerId: number;
  readonly lookupsPerSecond: number;
  /** Of the process, with nothing else in it. */
  readonly peakMiB: number;
  /** Lookups that gave the right index, or rightly none. */
  readonly found: number;
}

/** Ids of a record batch of a dataset. */
const BATCH = 65_536;
/** Ids made before the clock starts, each looked up once. */
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

/** Builds an index of ids from batches as a dataset has them, then looks ids up, nine in ten of them known. */
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

/** Multiplied by an odd number, no two are alike. */
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

/** Of this process, its garbage collection included. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** In and beside the heap, with nothing that is not needed where Node was told to lend its collector. */
function heldBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
