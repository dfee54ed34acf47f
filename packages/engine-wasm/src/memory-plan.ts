import type { Buffer, Call } from './kernel-call.ts';

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
