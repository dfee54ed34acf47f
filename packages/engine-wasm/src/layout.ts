import type { Shape } from '@gru4rec/program';
import type { Argument, Buffer } from './memory-plan.ts';

/**
 * A value as it lies in memory: rows `stride` bytes apart, padded to whole vectors of four floats; a single
 * column lies dense. What stands in the padding is unspecified, and no kernel lets it reach a real element.
 */
export interface Layout extends Shape {
  readonly buffer: Buffer;
  readonly stride: number;
}

const VECTOR_BYTES = 16;

const wholeVectors = (bytes: number): number => Math.ceil(bytes / VECTOR_BYTES) * VECTOR_BYTES;

/** Bytes from one row to the next. */
export function strideOf(shape: Shape): number {
  return shape.cols === 1 ? 4 : wholeVectors(shape.cols * 4);
}

/** Bytes of the whole value. */
export function bytesOf(shape: Shape): number {
  return wholeVectors(shape.rows * strideOf(shape));
}

/** Vectors of one row. */
export function vectorsOf(shape: Shape): number {
  return shape.cols === 1 ? 1 : strideOf(shape) / VECTOR_BYTES;
}

/** Vectors of the whole value, as one run. */
export function allVectors(shape: Shape): number {
  return bytesOf(shape) / VECTOR_BYTES;
}

/** The address of a value as an argument. */
export function at(value: { buffer: Buffer }, offset = 0): Argument {
  return { buffer: value.buffer, offset };
}
