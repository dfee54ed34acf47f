import type { Program, Update, Variable } from '@gru4rec/program';

export interface PackedPlace {
  readonly pack: Pack;
  /** Number of elements before its first. */
  readonly offset: number;
}

export interface Pack {
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
