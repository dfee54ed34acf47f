import type { CheckedInput, Program, Tensor } from '@gru4rec/program';
import { type GraphWriter, type Ref, typeOf } from './graph-writer.ts';
import { DataType } from './messages.ts';
import { reshape, slice } from './ops/lowering.ts';

/** 32-bit words of all inputs of a step, one after the other: one tensor goes in, not one for each input. */
export class PackedInputs {
  /** Words of a step. */
  readonly length: number;
  readonly #offsets = new Map<number, number>();
  readonly #tensors: readonly Tensor[];

  constructor(program: Program) {
    this.#tensors = Object.values(program.inputs);
    let length = 0;
    for (const { id, rows, cols } of this.#tensors) {
      this.#offsets.set(id, length);
      length += rows * cols;
    }
    this.length = length;
  }

  /** Puts a step's inputs where the graph looks for them; floats as their bits. */
  store(inputs: readonly CheckedInput[], words: Int32Array, start: number): void {
    const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
    for (const { tensor, values } of inputs) {
      const target = tensor.dtype === 'i32' ? words : floats;
      target.set(values, start + (this.#offsets.get(tensor.id) as number));
    }
  }

  /** Writes the nodes that take each input out of `packed`, int32 [n]. @returns a reference for each tensor. */
  unpack(graph: GraphWriter, packed: Ref, start: number): [Tensor, Ref][] {
    const floats = this.#tensors.some(({ dtype }) => dtype === 'f32') ? asFloats(graph, packed) : '';
    return this.#tensors.map((tensor) => {
      const { id, dtype, rows, cols } = tensor;
      const part = { from: [start + (this.#offsets.get(id) as number)], size: [rows * cols] };
      const words = slice(graph, dtype === 'f32' ? floats : packed, part, dtype);
      return [tensor, reshape(graph, words, [rows, cols], dtype)];
    });
  }
}

/** All words at once: each such node is a copy to the device where that is a GPU. */
function asFloats(graph: GraphWriter, words: Ref): Ref {
  const attributes = { T: typeOf(DataType.int32), type: typeOf(DataType.float) };
  return graph.add('Bitcast', [words], { attributes });
}
