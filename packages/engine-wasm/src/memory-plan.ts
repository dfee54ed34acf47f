import type { Buffer, Call } from './kernel-call.ts';
import { kernelTable } from './kernel-table.ts';

/** The size of a cache line, which is more than any vector needs. */
const ALIGNMENT = 64;

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

/** Assigns addresses from `base` on to persistent buffers. Returns the first free address. */
export function placePersistent(buffers: Iterable<Buffer>, base: number): number {
  let address = base;
  for (const buffer of buffers) {
    buffer.address = address;
    address += aligned(buffer.bytes);
  }
  return address;
}

/**
 * First fit by lifetime: a buffer can take the memory of one whose last reader has run. `timeOf` says when each call runs: with
 * several threads the number of barriers before it, by default its index. Returns the first free address.
 */
export function placeTemporaries(calls: readonly Call[], base: number, timeOf?: readonly number[]): number {
  const first = new Map<Buffer, number>();
  const last = new Map<Buffer, number>();
  for (const [i, call] of calls.entries()) {
    for (const { buffer } of call.touches) {
      if (buffer.persistent) continue;
      if (!first.has(buffer)) first.set(buffer, i);
      last.set(buffer, i);
    }
  }
  const time = (call: number | undefined): number => timeOf?.[call ?? 0] ?? call ?? 0;
  let end = base;
  let active: Buffer[] = [];
  const order = [...first.keys()].sort((a, b) => (first.get(a) ?? 0) - (first.get(b) ?? 0));
  for (const buffer of order) {
    const start = first.get(buffer) ?? 0;
    const [out, into] = calls[start]?.inPlace ?? [];
    const dying =
      out === buffer && into && last.get(into) === start && into.bytes === buffer.bytes ? into : undefined;
    active = active.filter((other) => time(last.get(other)) >= time(start) && other !== dying);
    buffer.address = dying ? dying.address : firstGap(active, aligned(buffer.bytes), base);
    active.push(buffer);
    active.sort((a, b) => a.address - b.address);
    end = Math.max(end, buffer.address + aligned(buffer.bytes));
  }
  return end;
}

function firstGap(active: readonly Buffer[], bytes: number, base: number): number {
  let address = base;
  for (const other of active) {
    if (other.address - address >= bytes) return address;
    address = Math.max(address, other.address + aligned(other.bytes));
  }
  return address;
}

/** A range of the engine's memory, in bytes. */
export interface MemoryRange {
  readonly address: number;
  readonly bytes: number;
}

/** A kernel call, and the memory that it may access. */
export interface CallMemory {
  readonly kernel: string;
  /** Address of its first argument. Each argument is one word. */
  readonly address: number;
  /** What each argument is. A row list is the address of a list of row addresses. */
  readonly arguments: readonly ('number' | 'address' | 'row list')[];
  /** The buffers of its addresses, and of the rows in its row lists. Those of a call in place overlap. */
  readonly buffers: readonly MemoryRange[];
}

export function memoryOfCall({ kernel, words, touches }: Call, address: number): CallMemory {
  const argumentKinds: readonly string[] = Object.values(kernelTable.kernels[kernel].arguments);
  return {
    kernel,
    address,
    arguments: words.map((word, i) => {
      if (typeof word === 'number' || 'float' in word) return 'number';
      return argumentKinds[i] === 'rows' || argumentKinds[i] === 'split rows' ? 'row list' : 'address';
    }),
    buffers: touches.map(({ buffer: { address, bytes } }) => ({ address, bytes })),
  };
}

/** Checks that every address is in a buffer that its call states, inside `memory`: native kernels have no traps. @throws Error */
export function checkCallMemory(program: string, calls: readonly Call[], memory: MemoryRange): void {
  const end = memory.address + memory.bytes;
  const isInside = ({ address, bytes }: Buffer): boolean =>
    address >= memory.address && address + bytes <= end;
  for (const [i, { kernel, words, touches }] of calls.entries()) {
    const buffers = new Set(touches.map(({ buffer }) => buffer));
    const fault = (problem: string): Error =>
      new Error(`engine-wasm: call ${i} of ${program}, ${kernel}, ${problem}. This is a fault of the engine`);
    for (const buffer of buffers) {
      if (isInside(buffer)) continue;
      const { address, bytes } = buffer;
      throw fault(`expected buffers from ${memory.address} to ${end}, got ${bytes} bytes at ${address}`);
    }
    for (const word of words) {
      if (typeof word === 'number' || 'float' in word) continue;
      const { buffer, offset } = word;
      if (buffers.has(buffer) && offset >= 0 && offset <= buffer.bytes) continue;
      throw fault(`expected addresses in its buffers, got ${buffer.address} + ${offset}`);
    }
  }
}
