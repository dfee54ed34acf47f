// An addon like build/PLATFORM/kernels.node that runs each call on copies of its buffers or arrays, far apart from each
// other in memory that AddressSanitizer forbids. Each worker thread loads it too. Environment:
//   GUARDED_ADDON   the addon that was compiled with AddressSanitizer
//   GUARDED_BARRIER, GUARDED_OP_BYTES   the number of this kernel, and the bytes of an op in a list
//   GUARDED_CALLS   folder with the `CallMemory` of each memory's calls, in the file NUMBER.json
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { isMainThread } = require('node:worker_threads');

const { GUARDED_ADDON = '', GUARDED_CALLS = '' } = process.env;
const addon = require(GUARDED_ADDON);

/** Forbidden bytes between two buffers. */
const GAP = 4096;
/** Bytes of an op before its arguments. */
const HEAD_BYTES = 8;
const BARRIER = Number(process.env.GUARDED_BARRIER);
const OP_BYTES = Number(process.env.GUARDED_OP_BYTES);
/** The word with the number of a memory, at the end of the page that the engine leaves free. */
const NUMBER_WORD = 65532 / 4;

/**
 * @typedef {import('@gru4rec/engine-wasm').CallMemory} CallMemory
 * @typedef {{ from: number, bytes: number, to: number }} Range a copy, from the engine's memory to the arena
 * @typedef {{ call: CallMemory, ranges: readonly Range[], allowed: Int32Array, size: number }} Placed
 */

/** Calls on the main thread, by instruction set and kernel. @type {Map<string, number>} */
const calls = new Map();
let memories = 0;

/** Gives each buffer of a call a place in the arena; buffers that overlap share one. @param {CallMemory} call @returns {Placed} */
function place(call) {
  const record = { address: call.address - HEAD_BYTES, bytes: HEAD_BYTES + 4 * call.arguments.length };
  const sorted = [record, ...call.buffers].sort((a, b) => a.address - b.address);
  /** @type {Range[]} */
  const ranges = [];
  let size = GAP;
  for (const { address, bytes } of sorted) {
    const last = ranges.at(-1);
    if (last && address < last.from + last.bytes) {
      last.bytes = Math.max(last.bytes, address + bytes - last.from);
    } else {
      if (last) size = (last.to + last.bytes + 2 * GAP) & -GAP;
      ranges.push({ from: address, bytes, to: size });
    }
  }
  const last = ranges[ranges.length - 1];
  const allowed = Int32Array.from(ranges.flatMap(({ to, bytes }) => [to, bytes]));
  return { call, ranges, allowed, size: last.to + last.bytes + GAP };
}

/** One thread's arena for one memory. */
class Arena {
  /**
   * @param {Int32Array} memory - the engine's
   * @param {string} set
   */
  constructor(memory, set) {
    const text = readFileSync(join(GUARDED_CALLS, `${memory[NUMBER_WORD]}.json`), 'utf8');
    /** @type {CallMemory[]} */
    const described = JSON.parse(text);
    this.placed = new Map(described.map((call) => [call.address, place(call)]));
    const size = Math.max(...[...this.placed.values()].map((placed) => placed.size));
    this.set = set;
    this.memory = memory;
    this.words = new Int32Array(size / 4);
    this.before = new Int32Array(size / 4);
    this.bytes = new Uint8Array(this.words.buffer);
    this.run = addon.bind(set, this.bytes);
  }

  /** Runs a thread's share of an op. @param {number} address - of the first argument @param {number[]} thread */
  call(address, thread) {
    const placed = this.placed.get(address);
    if (!placed) throw new Error(`guarded: no call is at ${address}`);
    if (isMainThread) {
      const key = `${this.set} ${placed.call.kernel}`;
      calls.set(key, (calls.get(key) ?? 0) + 1);
    }
    addon.guard(this.bytes, placed.allowed);
    for (const { from, bytes, to } of placed.ranges) {
      this.words.set(this.memory.subarray(from / 4, (from + bytes) / 4), to / 4);
    }
    this.#moveAddresses(placed);
    for (const { bytes, to } of placed.ranges) {
      this.before.set(this.words.subarray(to / 4, (to + bytes) / 4), to / 4);
    }
    this.run(inArena(placed, address) - HEAD_BYTES, 0, 1, ...thread);
    this.#copyBack(placed);
  }

  /** Makes addresses in the record, and in the lists that it leads to, those of the copies. @param {Placed} placed */
  #moveAddresses(placed) {
    const { call } = placed;
    const record = inArena(placed, call.address) / 4;
    for (const [i, kind] of call.arguments.entries()) {
      if (kind === 'number') continue;
      const address = this.words[record + i];
      this.words[record + i] = inArena(placed, address);
      if (kind !== 'row list') continue;
      const list = rangeOf(placed, address);
      if (!list) throw new Error(`guarded: ${call.kernel} has no list at ${address}`);
      for (let word = list.to / 4; word < (list.to + list.bytes) / 4; word++) {
        this.words[word] = inArena(placed, this.words[word]);
      }
    }
  }

  /** Copies what the kernel has changed. Other threads may be writing other parts of the same buffers. @param {Placed} placed */
  #copyBack({ call, ranges }) {
    const { words, before, memory } = this;
    // What this kernel writes are addresses.
    const valueIn =
      call.kernel === 'ROW_ADDRESSES' ? (/** @type {number} */ word) => inMemory(ranges, word) : Number;
    for (const { from, bytes, to } of ranges) {
      for (let i = 0; i < bytes / 4; i++) {
        const word = to / 4 + i;
        if (words[word] !== before[word]) memory[from / 4 + i] = valueIn(words[word]);
      }
    }
  }
}

/** The address of which a place in the arena is a copy. @param {readonly Range[]} ranges @param {number} place */
function inMemory(ranges, place) {
  const range = ranges.find(({ to, bytes }) => place >= to && place < to + bytes);
  if (!range) throw new Error(`guarded: ${place} is no copy`);
  return range.from + place - range.to;
}

/** @param {Placed} placed @param {number} address */
function rangeOf({ ranges }, address) {
  return ranges.find(({ from, bytes }) => address >= from && address < from + bytes);
}

/** Where the copy of an address is; 0, which is forbidden, for one that no buffer of the call has. @param {Placed} placed @param {number} address */
function inArena(placed, address) {
  const range = rangeOf(placed, address);
  return range ? range.to + address - range.from : 0;
}

/** A copy that has forbidden memory on both sides. @template {Uint32Array | Int32Array | Float32Array} A @param {A} array @returns {A} */
function guardedCopy(array) {
  const bytes = new Uint8Array(GAP + array.byteLength + GAP);
  addon.guard(bytes, Int32Array.of(GAP, array.byteLength));
  const Typed = /** @type {new (buffer: ArrayBuffer, from: number, length: number) => A} */ (
    array.constructor
  );
  const copy = new Typed(bytes.buffer, GAP, array.length);
  copy.set(array);
  return copy;
}

/** Runs a function on copies of its arrays. @param {(...arrays: any[]) => unknown} run */
const onCopies =
  (run) =>
  /** @param {(Uint32Array | Int32Array | Float32Array)[]} arrays */
  (...arrays) => {
    const copies = arrays.map(guardedCopy);
    const result = run(...copies);
    for (const [i, copy] of copies.entries()) arrays[i].set(copy);
    return result;
  };

module.exports = {
  ...addon,
  calls,
  /** @param {string} set */
  sampling(set) {
    const { draw, merge } = addon.sampling(set);
    return { draw: onCopies(draw), merge: onCopies(merge) };
  },
  /** The number of the last memory. */
  lastMemory: () => memories,
  /**
   * @param {string} set
   * @param {Uint8Array} memory
   */
  bind(set, memory) {
    const words = new Int32Array(memory.buffer);
    if (isMainThread) words[NUMBER_WORD] = ++memories;
    const onMemory = addon.bind(set, memory);
    /** @type {Arena | undefined} */
    let arena;
    return (
      /** @type {number} */ list,
      /** @type {number} */ from,
      /** @type {number} */ to,
      /** @type {number[]} */ ...thread
    ) => {
      arena ??= new Arena(words, set);
      for (let op = from; op < to; op++) {
        const at = list + OP_BYTES * op;
        // Threads meet in the engine's memory.
        if (words[at / 4] === BARRIER) onMemory(list, op, op + 1, ...thread);
        else arena.call(at + HEAD_BYTES, thread);
      }
      return true;
    };
  },
};
