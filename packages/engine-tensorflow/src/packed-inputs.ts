import type { CheckedInput, Program, Tensor } from '@gru4rec/program';
import { type GraphWriter, type Ref, typeOf } from './graph-writer.ts';
import { DataType } from './messages.ts';
import { reshape, slice } from './ops/lowering.ts';

/** The inputs of a step as consecutive 32-bit words, so that a call feeds one tensor instead of one per input. */
export class PackedInputs {
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

  store(inputs: readonly CheckedInput[], words: Int32Array): void {
    const floats = new Float32Array(words.buffer, words.byteOffset, words.length);
    for (const { tensor, values } of inputs) {
      const target = tensor.dtype === 'i32' ? words : floats;
      target.set(values, this.#offsets.get(tensor.id) as number);
    }
  }

  /** Writes the nodes that unpack each input from `packed`, int32 [n]. @returns a reference per tensor. */
  unpack(graph: GraphWriter, packed: Ref): [Tensor, Ref][] {
    const floats = this.#tensors.some(({ dtype }) => dtype === 'f32') ? asFloats(graph, packed) : '';
    return this.#tensors.map((tensor) => {
      const { id, dtype, rows, cols } = tensor;
      const part = { from: [this.#offsets.get(id) as number], size: [rows * cols] };
      const words = slice(graph, dtype === 'f32' ? floats : packed, part, dtype);
      return [tensor, reshape(graph, words, [rows, cols], dtype)];
    });
  }
}

/** Unpacks all words at once, because on a GPU each such node is a copy to the device. */
function asFloats(graph: GraphWriter, words: Ref): Ref {
  const attributes = { T: typeOf(DataType.int32), type: typeOf(DataType.float) };
  return graph.add('Bitcast', [words], { attributes });
}
