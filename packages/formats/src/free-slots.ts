import { type Node, type Program, type Tensor, tensorAt } from '@gru4rec/program';
import { isMatrix } from './exported-model.ts';

/** `batch` is the number of slots. */
export type Extent = number | 'batch';

export interface FreeProgram {
  /** Built for two slots. */
  readonly program: Program;
  /** Of an input, an output, a variable or an assigned value of `program`. */
  readonly extents: (tensor: Tensor) => readonly [rows: Extent, cols: Extent];
}

const SLOTS = [2, 3] as const;

/**
 * Finds the extents that are the number of slots: those in which programs built for two and for three slots
 * differ.
 * @throws RangeError if the two differ in more than extents, or in an extent that is not the number of slots.
 */
export function freeSlots(build: (slots: number) => Program): FreeProgram {
  const [program, other] = SLOTS.map(build) as [Program, Program];
  expectSameNodes(program, other);
  const [tensors, others] = [boundary(program), boundary(other)];
  const extents = new Map(
    tensors.map((tensor, i) => {
      const { rows, cols } = tensorAt(others, i);
      const perSlot = tensor.rows / SLOTS[0];
      // Indices of several rows per slot, one below the other.
      if (tensor.cols === 1 && rows === perSlot * SLOTS[1] && isMatrix(program, tensor))
        return [tensor.id, ['batch', perSlot] as const];
      return [tensor.id, [freed(tensor.rows, rows), freed(tensor.cols, cols)] as const];
    }),
  );
  return {
    program,
    extents(tensor) {
      const found = extents.get(tensor.id);
      if (!found) throw new RangeError(`freeSlots: tensor ${tensor.id} is neither input nor output`);
      return found;
    },
  };
}

/** In an order that does not depend on the number of slots. */
function boundary({ inputs, outputs, variables, assignments }: Program): Tensor[] {
  return [
    ...Object.values(inputs),
    ...Object.values(outputs),
    ...variables.map(({ tensor }) => tensor),
    ...assignments.map(({ value }) => value),
  ];
}

function freed(extent: number, other: number): Extent {
  if (extent === other) return extent;
  if (extent === SLOTS[0] && other === SLOTS[1]) return 'batch';
  throw new RangeError(
    `freeSlots: extent expected a constant or the number of slots, got ${extent} and ${other} for ${SLOTS.join(' and ')} slots`,
  );
}

function expectSameNodes(program: Program, other: Program): void {
  const describe = ({ op, attributes }: Node): string => `${op} ${JSON.stringify(attributes)}`;
  const [nodes, twins] = [program, other].map(({ nodes }) => nodes.map(describe)) as [string[], string[]];
  for (let i = 0; i < Math.max(nodes.length, twins.length); i++) {
    const [expected, got] = [nodes[i] ?? 'nothing', twins[i] ?? 'nothing'];
    if (expected === got) continue;
    throw new RangeError(`freeSlots: node ${i} expected ${expected} for any number of slots, got ${got}`);
  }
}
