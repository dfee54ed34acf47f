import type { Program, Update, Variable } from '@gru4rec/program';
import { type Attributes, FLOAT, type GraphWriter, INT32, type Ref, shapeOf } from './graph-writer.ts';
import { integer, packed, reshape, sideBySide, slice, sliceBy, stacked } from './ops/lowering.ts';

interface PackedPlace {
  readonly pack: Pack;
  /** Number of elements before its first. */
  readonly offset: number;
}

interface Pack {
  readonly name: string;
  readonly total: number;
}

/** Element-wise ops, which do not depend on an element's position. */
const elementwise = new Set(['add', 'subtract', 'multiply', 'divide', 'affine', 'sqrt']);

/**
 * Parameters that every program updates densely with the same optimiser and scalars are stored in one pack, like each kind of
 * their slots: a dozen small parameters with a dozen ops each would be a third of a step's nodes. Returns their positions.
 */
export function planPacks(
  programs: readonly Program[],
  variables: readonly Variable[],
): Map<string, PackedPlace> {
  const places = new Map<string, PackedPlace>();
  for (const members of alike(programs, variables)) {
    const [first] = members;
    for (const [kind] of first?.names.entries() ?? []) {
      const packed = members.map(({ names }) => names[kind] as string);
      const sizes = packed.map((name) => sizeOf(variables, name));
      const pack = { name: `pack.${packed[0]}`, total: sizes.reduce((sum, size) => sum + size, 0) };
      let offset = 0;
      for (const [i, name] of packed.entries()) {
        places.set(name, { pack, offset });
        offset += sizes[i] as number;
      }
    }
  }
  return places;
}

interface Member {
  readonly names: readonly string[];
  readonly key: string;
}

function alike(programs: readonly Program[], variables: readonly Variable[]): Member[][] {
  const byKey = new Map<string, Member[]>();
  for (const { name, kind } of variables) {
    const member = kind === 'parameter' ? memberOf(name, programs) : undefined;
    if (member) byKey.set(member.key, [...(byKey.get(member.key) ?? []), member]);
  }
  return [...byKey.values()].filter((members) => members.length > 1);
}

function memberOf(name: string, programs: readonly Program[]): Member | undefined {
  const keys: string[] = [];
  let names: readonly string[] | undefined;
  for (const program of programs) {
    if (isLookedUp(program, name) || program.assignments.some(({ variable }) => variable === name))
      return undefined;
    const update = program.updates.find((u) => u.variable === name);
    if (!update) continue;
    const key = keyOf(update);
    if (key === undefined) return undefined;
    keys.push(`${program.name}: ${key}`);
    names = [name, ...update.slots];
  }
  return names && { names, key: keys.join('; ') };
}

function keyOf({ gradient, optimizer, scalars }: Update): string | undefined {
  const serves = optimizer.nodes.every(({ op }) => elementwise.has(op));
  if (gradient.kind !== 'dense' || !serves) return undefined;
  return `${optimizer.name} ${JSON.stringify(optimizer.attributes)} ${scalars.map((t) => t.id).join()}`;
}

function isLookedUp({ variables, nodes }: Program, name: string): boolean {
  const tensor = variables.find(({ variable }) => variable.name === name)?.tensor;
  return nodes.some(({ op, inputs }) => op === 'gather' && inputs[0]?.id === tensor?.id);
}

function sizeOf(variables: readonly Variable[], name: string): number {
  const { rows, cols } = variables.find((v) => v.name === name) as Variable;
  return rows * cols;
}

export interface StoredVariable {
  readonly variable: Variable;
  /** The node whose output is the resource handle. */
  readonly handle: Ref;
  /** Rows of the resource: one more than the variable has if a row of zeros for index −1 follows the last. */
  readonly storedRows: number;
  readonly place?: PackedPlace;
}

export interface VariableEndpoints {
  readonly read: Ref;
  /** Takes `values` [rows, cols]. */
  readonly writeAll: Ref;
  /** Takes `values` [n, cols] and `fromRow` []. */
  readonly writeRows: Ref;
  readonly values: Ref;
  readonly fromRow: Ref;
}

export function declareVariables(
  graph: GraphWriter,
  programs: readonly Program[],
  variables: readonly Variable[],
): Map<string, StoredVariable> {
  const spare = variablesWithSpareRow(programs);
  const places = planPacks(programs, variables);
  const packs = new Map<string, Ref>();
  return new Map(
    variables.map((variable) => {
      const { name, rows, cols } = variable;
      const place = places.get(name);
      if (place) {
        const { pack } = place;
        const handle = packs.get(pack.name) ?? writeHandle(graph, pack.name, [1, pack.total]);
        packs.set(pack.name, handle);
        return [name, { variable, handle, storedRows: rows, place }];
      }
      const storedRows = rows + (spare.has(name) ? 1 : 0);
      return [name, { variable, handle: writeHandle(graph, name, [storedRows, cols]), storedRows }];
    }),
  );
}

function writeHandle(graph: GraphWriter, name: string, extents: readonly number[]): Ref {
  return graph.add('VarHandleOp', [], {
    attributes: {
      dtype: FLOAT,
      shape: { shape: shapeOf(extents) },
      shared_name: { s: Buffer.from(name) },
    },
  });
}

export function wholePack({ handle, variable, place }: StoredVariable): StoredVariable {
  if (!place) throw new RangeError(`wholePack: "${variable.name}" expected a variable of a pack`);
  const { name, total } = place.pack;
  return { handle, storedRows: 1, variable: { name, kind: variable.kind, rows: 1, cols: total } };
}

export function outOfPack(graph: GraphWriter, all: Ref, { variable, place }: StoredVariable): Ref {
  const { rows, cols } = variable;
  const part = slice(graph, all, { from: [0, place?.offset ?? 0], size: [1, rows * cols] });
  return reshape(graph, part, [rows, cols]);
}

/** Variables that are gathered and never replaced as a whole: index −1 maps to a row of zeros after the last, without a mask. */
function variablesWithSpareRow(programs: readonly Program[]): ReadonlySet<string> {
  const looked = new Set<string>();
  const replaced = new Set<string>();
  for (const { variables, nodes, updates, assignments } of programs) {
    const names = new Map(variables.map(({ variable, tensor }) => [tensor.id, variable.name]));
    for (const { op, inputs } of nodes) {
      const name = op === 'gather' ? names.get(inputs[0]?.id ?? -1) : undefined;
      if (name !== undefined) looked.add(name);
    }
    for (const { variable } of assignments) replaced.add(variable);
    for (const { variable, slots, gradient } of updates) {
      if (gradient.kind === 'dense') for (const name of [variable, ...slots]) replaced.add(name);
    }
  }
  return new Set([...looked].filter((name) => !replaced.has(name)));
}

export function readVariable(graph: GraphWriter, { handle }: StoredVariable): Ref {
  return graph.add('ReadVariableOp', [handle], { attributes: { dtype: FLOAT } });
}

export function withoutSpare(graph: GraphWriter, all: Ref, { storedRows, variable }: StoredVariable): Ref {
  const { rows, cols } = variable;
  return storedRows === rows ? all : slice(graph, all, { from: [0, 0], size: [rows, cols] });
}

/** Replaces all values with `values` [rows, cols] after the given nodes. @returns the node that does it. */
export function assignVariable(
  graph: GraphWriter,
  { handle, storedRows, variable }: StoredVariable,
  value: Ref,
  after: readonly Ref[] = [],
): Ref {
  const { rows, cols } = variable;
  const spare = storedRows === rows ? [] : [graph.floats([0], [1, cols])];
  const values = stacked(graph, [value, ...spare], 'f32');
  return graph.add('AssignVariableOp', [handle, values], {
    attributes: { dtype: FLOAT },
    after,
  });
}

export const rowAttributes: Attributes = { dtype: FLOAT, Tindices: INT32 };

export function writeEndpoints(graph: GraphWriter, stored: StoredVariable): VariableEndpoints {
  const { cols } = stored.variable;
  const placeholder = (dtype: Attributes[string], extents: readonly number[]): Ref =>
    graph.add('Placeholder', [], {
      attributes: { dtype, shape: { shape: shapeOf(extents) } },
    });
  const values = placeholder(FLOAT, [-1, cols]);
  const fromRow = placeholder(INT32, []);
  const [kept, unpacked] = stored.place ? [wholePack(stored), outOfPack] : [stored, withoutSpare];
  const current = unpacked(graph, readVariable(graph, kept), stored);
  const read = graph.add('Identity', [current], { attributes: { T: FLOAT } });
  const rows = (stored.place ? writePacked : writeRows)(graph, stored, values, fromRow);
  const all = stored.place
    ? writePacked(graph, stored, values, graph.integers([0], []))
    : assignVariable(graph, stored, values);
  return {
    read,
    writeAll: doneAfter(graph, [all]),
    writeRows: doneAfter(graph, [rows]),
    values,
    fromRow,
  };
}

function writeRows(graph: GraphWriter, { handle }: StoredVariable, values: Ref, fromRow: Ref): Ref {
  const end = integer(graph, 'AddV2', [fromRow, extentOf(graph, values, 0)]);
  const rows = graph.add('Range', [fromRow, end, graph.integers([1], [])], { attributes: { Tidx: INT32 } });
  return graph.add('ResourceScatterUpdate', [handle, rows, values], { attributes: rowAttributes });
}

function writePacked(graph: GraphWriter, stored: StoredVariable, values: Ref, fromRow: Ref): Ref {
  const pack = wholePack(stored);
  const all = readVariable(graph, pack);
  const flat = reshape(graph, values, [1, -1]);
  const ahead = integer(graph, 'Mul', [fromRow, graph.integers([stored.variable.cols], [])]);
  const from = integer(graph, 'AddV2', [ahead, graph.integers([stored.place?.offset ?? 0], [])]);
  const to = integer(graph, 'AddV2', [from, extentOf(graph, flat, 1)]);
  const [zero, one] = [graph.integers([0], []), graph.integers([1], [])];
  const before = sliceBy(graph, all, graph.integers([0, 0]), packed(graph, [one, from]));
  const behind = sliceBy(graph, all, packed(graph, [zero, to]), graph.integers([1, -1]));
  return assignVariable(graph, pack, sideBySide(graph, [before, flat, behind]));
}

function extentOf(graph: GraphWriter, x: Ref, axis: number): Ref {
  const T = INT32;
  const size = graph.add('Shape', [x], { attributes: { T: FLOAT, out_type: T } });
  return graph.add('StridedSlice', [size, ...[axis, axis + 1, 1].map((at) => graph.integers([at]))], {
    attributes: { T, Index: T, shrink_axis_mask: { i: 1 } },
  });
}

export function writeInitialisation(graph: GraphWriter, variables: Iterable<StoredVariable>): Ref {
  const kept = new Map([...variables].map((v) => [v.handle, v.place ? wholePack(v) : v]));
  const assigned = [...kept.values()].map(({ handle, storedRows, variable }) => {
    const zeros = graph.add('Fill', [graph.integers([storedRows, variable.cols]), graph.floats([0])], {
      attributes: { T: FLOAT, index_type: INT32 },
    });
    return graph.add('AssignVariableOp', [handle, zeros], { attributes: { dtype: FLOAT } });
  });
  return doneAfter(graph, assigned);
}

/** A value to fetch so that the given nodes run. */
export function doneAfter(graph: GraphWriter, nodes: readonly Ref[]): Ref {
  return graph.add('Identity', [graph.floats([0])], {
    attributes: { T: FLOAT },
    after: nodes,
  });
}
