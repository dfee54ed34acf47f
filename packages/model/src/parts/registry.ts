import type { Allocate, StoredTensor } from '../storage/tensors.ts';
import { coOccurrences } from './co-occurrences.ts';
import type { FollowedState, FollowedTables, PartConfig, PartTables, SparsePart } from './part.ts';
import { repeats } from './repeats.ts';
import { similarAttributes } from './similar-attributes.ts';

/** Parts of the score that belong to a session: a few items get features. */
export const sparseParts = {
  repeats: repeats as SparsePart,
  'co-occurrences': coOccurrences as SparsePart,
  'similar-attributes': similarAttributes as SparsePart,
};

/** The name of a sparse part. */
export type SparsePartName = keyof typeof sparseParts;

/** The name of a part of the score. The last two belong to a moment: every item gets a bias (`Freshness`). */
export type PartName = 'network' | SparsePartName | 'recent-clicks' | 'age';

/** Every part that a configuration can name. */
export const partNames: readonly PartName[] = [
  'network',
  ...(Object.keys(sparseParts) as SparsePartName[]),
  'recent-clicks',
  'age',
];

/** The sparse parts of a configuration, in the order of the registry. */
export function sparsePartsOf({ parts }: Pick<PartConfig, 'parts'>): [SparsePartName, SparsePart][] {
  const all = Object.entries(sparseParts) as [SparsePartName, SparsePart][];
  return all.filter(([name]) => parts.includes(name));
}

/** P, the features per item of a part. */
export function widthOf(part: SparsePart, config: PartConfig): number {
  const { places, plain, scaled } = part.widths(config);
  return places + plain + scaled;
}

/** The name of the tensor [1, P] with the weights of a part. */
export function weightsName(name: SparsePartName): string {
  return `${name}.weights`;
}

export function countedNames({ tables }: SparsePart): readonly string[] {
  return tables ? [...tables.names, ...tables.slots] : [];
}

const tables = new Set(Object.values(sparseParts).flatMap(countedNames));

/** Whether a tensor is a table [I × N] of a part, which training counts. */
export function isPartTable({ name }: Pick<StoredTensor, 'name'>): boolean {
  return tables.has(name);
}

/** N of the tables of each part that has some. */
export type TableWidths = Readonly<Partial<Record<SparsePartName, number>>>;

/** The widths of the tables among some tensors. */
export function tableWidths(tensors: readonly Pick<StoredTensor, 'name' | 'cols'>[]): TableWidths {
  const widths = Object.entries(sparseParts).flatMap(([name, part]) => {
    const table = tensors.find((tensor) => part.tables?.names.includes(tensor.name));
    return table ? [[name, table.cols]] : [];
  });
  return Object.fromEntries(widths);
}

/** The tables that a model with these widths has beside what is trained. */
export function tableVariables(widths: TableWidths, rows: number): Omit<StoredTensor, 'values' | 'pieces'>[] {
  return Object.entries(widths).flatMap(([part, cols]) => {
    const { tables } = sparseParts[part as SparsePartName];
    if (!tables) return [];
    return [
      ...tables.names.map((name) => ({ name, kind: 'table' as const, rows, cols })),
      ...tables.slots.map((name) => ({ name, kind: 'slot' as const, rows, cols: 1 })),
    ];
  });
}

/** The tensors, whose tables of parts have `rows` rows: items that came after them have zeros. */
export function withTableRows(
  tensors: readonly StoredTensor[],
  rows: number,
  allocate?: Allocate,
): StoredTensor[] {
  return tensors.map((tensor) => {
    if (!isPartTable(tensor) || (tensor.rows === rows && !allocate)) return tensor;
    const length = rows * tensor.cols;
    const values = allocate?.(length, tensor.name).fill(0) ?? new Float32Array(length);
    values.set(tensor.values);
    return { ...tensor, rows, values };
  });
}

/** Whether a tensor has the numbers of items, which must stay as they are. */
export function isIndexTable({ name }: Pick<StoredTensor, 'name'>): boolean {
  return Object.values(sparseParts).some(({ tables }) => tables?.names[0] === name);
}

export type FollowedPart = readonly [SparsePartName, FollowedTables];

/** The parts of a model whose tables a learner renews. @param states - those of the learner that made the tensors. */
export function followParts(
  config: Pick<PartConfig, 'parts'>,
  tensors: readonly StoredTensor[],
  states: Readonly<Partial<Record<string, FollowedState>>> = {},
): FollowedPart[] {
  return sparsePartsOf(config).flatMap(([name, { tables }]): FollowedPart[] => {
    if (!tables) return [];
    const followed = tables.follow ? tables.follow(tensors, states[name]) : keep(tables, tensors);
    return followed ? [[name, followed]] : [];
  });
}

function keep({ names }: PartTables, tensors: readonly StoredTensor[]): FollowedTables {
  const kept = tensors.filter(({ name }) => names.includes(name));
  return {
    join: () => undefined,
    tables: (rows, allocate) => withTableRows(kept, rows, allocate),
    slots: () => [],
  };
}

/** K, the items of a session that its scores depend on directly; 0 without a sparse part. */
export function historyLength(config: PartConfig): number {
  return sparsePartsOf(config).length === 0 ? 0 : config.repeatLength;
}
