import type { Buffer, Call } from './kernel-call.ts';
import { kernelTable } from './kernel-table.ts';

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
