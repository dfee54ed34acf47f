import { gradientTensors, type Node, type Program, type Tensor } from '@gru4rec/program';
import type { GraphWriter, Ref } from './graph-writer.ts';
import { integer, reshape } from './ops/lowering.ts';
import { lowerings } from './ops/registry.ts';
import { type DistinctRows, distinctRows, rowNumbers, rowsAt, withoutMissing } from './ops/rows.ts';
import {
  outOfPack,
  readVariable,
  rowAttributes,
  type StoredVariable,
  wholePack,
  withoutSpare,
} from './variable-nodes.ts';

export class StepLowering {
  readonly graph: GraphWriter;
  readonly #variables: ReadonlyMap<string, StoredVariable>;
  readonly #refs = new Map<number, Ref>();
  readonly #stored = new Map<number, StoredVariable>();
  readonly #whole = new Map<string, Ref>();
  readonly #all = new Map<Ref, Ref>();
  readonly #usedWhole: ReadonlySet<number>;
  readonly #readers = new Map<string, Ref[]>();
  readonly #distinct = new Map<string, DistinctRows>();

  constructor(graph: GraphWriter, program: Program, variables: ReadonlyMap<string, StoredVariable>) {
    this.graph = graph;
    this.#variables = variables;
    this.#usedWhole = usedWhole(program);
    for (const { variable, tensor } of program.variables) {
      this.#stored.set(tensor.id, this.variable(variable.name));
    }
  }

  variable(name: string): StoredVariable {
    return this.#variables.get(name) as StoredVariable;
  }

  define(tensor: Tensor, ref: Ref): void {
    this.#refs.set(tensor.id, ref);
  }

  ref(tensor: Tensor): Ref {
    const stored = this.#stored.get(tensor.id);
    return stored ? this.readWhole(stored) : (this.#refs.get(tensor.id) as Ref);
  }

  readWhole(stored: StoredVariable): Ref {
    const key = stored.variable.name;
    const known = this.#whole.get(key);
    if (known !== undefined) return known;
    const ref = stored.place
      ? outOfPack(this.graph, this.#readStored(wholePack(stored)), stored)
      : withoutSpare(this.graph, this.#readStored(stored), stored);
    this.#whole.set(key, ref);
    return ref;
  }

  /** All values of a variable with its spare row; read at most once per step. */
  #readStored(stored: StoredVariable): Ref {
    const known = this.#all.get(stored.handle);
    if (known !== undefined) return known;
    const ref = readVariable(this.graph, stored);
    this.#noteReader(stored, ref);
    this.#all.set(stored.handle, ref);
    return ref;
  }

  /** Nodes that must run before a variable may change: those that read it. */
  readersOf({ handle }: StoredVariable): readonly Ref[] {
    return this.#readers.get(handle) ?? [];
  }

  lookUp(stored: StoredVariable, numbers: Ref): Ref {
    const rows = this.graph.add('ResourceGather', [stored.handle, numbers], { attributes: rowAttributes });
    this.#noteReader(stored, rows);
    return rows;
  }

  /** The distinct rows among the indices of some tensors; nodes for equal tensors are written once. */
  distinctRows(indices: readonly Tensor[]): DistinctRows {
    const key = indices.map((t) => t.id).join();
    const known = this.#distinct.get(key);
    if (known) return known;
    const vectors = indices.map((t) => reshape(this.graph, this.ref(t), [-1], 'i32'));
    const rows = distinctRows(this.graph, vectors);
    this.#distinct.set(key, rows);
    return rows;
  }

  lower(nodes: readonly Node[]): void {
    for (const node of nodes) {
      const [output] = node.outputs;
      if (output) this.define(output, this.#lowerNode(node));
    }
  }

  #lowerNode(node: Node): Ref {
    const [first, second] = node.inputs;
    const stored = node.op === 'gather' && first && this.#stored.get(first.id);
    if (stored && first && second) return this.#gatherFrom(first, stored, this.ref(second));
    if (node.region) {
      throw new RangeError(`tensorflow engine: expected inlined regions, got region ${node.region.name}`);
    }
    return lowerings[node.op](
      this.graph,
      node,
      node.inputs.map((t) => this.ref(t)),
    );
  }

  /** If the variable has a spare row of zeros, −1 is mapped to it; otherwise rows of −1 are masked. */
  #gatherFrom(table: Tensor, stored: StoredVariable, indices: Ref): Ref {
    const { graph } = this;
    const hasSpare = stored.storedRows > stored.variable.rows;
    const numbers = hasSpare
      ? integer(graph, 'FloorMod', [
          reshape(graph, indices, [-1], 'i32'),
          graph.integers([stored.storedRows], []),
        ])
      : rowNumbers(graph, indices);
    const rows = this.#rowsOf(table, stored, numbers);
    return hasSpare ? rows : withoutMissing(graph, rows, indices);
  }

  /** A copy if the whole table is read too: once gathered in place, every whole read copies it (2.6 instead of 1.2 ms). */
  #rowsOf(table: Tensor, stored: StoredVariable, numbers: Ref): Ref {
    if (this.#usedWhole.has(table.id)) return rowsAt(this.graph, this.#readStored(stored), numbers);
    return this.lookUp(stored, numbers);
  }

  #noteReader(stored: StoredVariable, ref: Ref): void {
    this.#readers.set(stored.handle, [...(this.#readers.get(stored.handle) ?? []), ref]);
  }
}

/** Tensors, of variables above all, that any node reads other than by gathering rows from them. */
function usedWhole({ nodes, outputs, assignments, updates }: Program): ReadonlySet<number> {
  const used = [
    ...nodes.flatMap(({ op, inputs }) => (op === 'gather' ? inputs.slice(1) : inputs)),
    ...Object.values(outputs),
    ...assignments.map(({ value }) => value),
    ...updates.flatMap(({ gradient, scalars }) => [...gradientTensors(gradient), ...scalars]),
  ];
  return new Set(used.map(({ id }) => id));
}
