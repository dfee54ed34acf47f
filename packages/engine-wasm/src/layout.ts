import type { Shape } from '@gru4rec/program';
import type { Address, Buffer } from './kernel-call.ts';

/**
 * Rows are `stride` bytes apart, each padded to whole vectors of four floats. A single column is dense. The content of the
 * padding is unspecified, and no kernel lets it affect a real element.
 */
export interface Layout extends Shape {
  readonly buffer: Buffer;
  readonly stride: number;
}

const VECTOR_BYTES = 16;

const wholeVectors = (bytes: number): number => Math.ceil(bytes / VECTOR_BYTES) * VECTOR_BYTES;

/** From this many bytes, rows are an odd number of cache lines apart: at multiples of 512 bytes, a panel of 128 evicts itself. */
const SPREAD_FROM = 512;
const LINE_BYTES = 64;

/** Bytes from one row to the next. Two values of the same width may differ, because a single row needs no distance. */
function strideOf(shape: Shape): number {
  if (shape.cols === 1) return 4;
  const bytes = wholeVectors(shape.cols * 4);
  const aliases = shape.rows > 1 && bytes >= SPREAD_FROM && bytes % (2 * LINE_BYTES) === 0;
  return aliases ? bytes + LINE_BYTES : bytes;
}

/** Bytes of a row without the distance to the next: the part that can be copied to rows of another value of this width. */
export function rowBytesOf(shape: Shape): number {
  return shape.cols === 1 ? 4 : wholeVectors(shape.cols * 4);
}

export function bytesOf(shape: Shape): number {
  return wholeVectors(shape.rows * strideOf(shape));
}

export function newLayout({ dtype, rows, cols }: Shape, allocate: (bytes: number) => Buffer): Layout {
  const shape = { dtype, rows, cols };
  return { ...shape, stride: strideOf(shape), buffer: allocate(bytesOf(shape)) };
}

export function vectorsOf(shape: Shape): number {
  return shape.cols === 1 ? 1 : wholeVectors(shape.cols * 4) / VECTOR_BYTES;
}

export function allVectors(shape: Shape): number {
  return bytesOf(shape) / VECTOR_BYTES;
}

/** Marks that a thread reads only the rows of its share. */
export function byRows({ buffer }: Layout): Address {
  return { buffer, byRows: true };
}
