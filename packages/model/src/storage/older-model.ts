import type { Variable } from '@gru4rec/program';
import { SESSION_WEIGHTS } from '../parts/count-co-occurrences.ts';
import { pairNames } from '../parts/pair-tables.ts';
import { type TableWidths, tableWidths, weightsName } from '../parts/registry.ts';
import type { StoredTensor } from './tensors.ts';

// Reads the models of releases before `parts`, until 2027-06-01.

type JsonObject = Readonly<Record<string, unknown>>;

const [REPEATS, CO_OCCURRENCES] = [weightsName('repeats'), weightsName('co-occurrences')];
const coOccurrences = pairNames('co-occurrences');
const olderTables: Readonly<Record<string, string>> = {
  [coOccurrences.items]: 'neighbours.items',
  [coOccurrences.similarities]: 'neighbours.similarities',
};

const newNames = new Map(Object.entries(olderTables).map(([name, older]) => [older, name]));

/** Whether a stored configuration names parts by the keys `repeatBias` and `freshness`. */
function isOlder(config: JsonObject): boolean {
  return 'repeatBias' in config || 'freshness' in config;
}

export function newerConfig(config: JsonObject): JsonObject {
  if (!isOlder(config)) return config;
  const { repeatBias, freshness = 'none', ...others } = config;
  const sparse = repeatBias === 'auto' ? ['repeats', 'co-occurrences'] : [];
  const ofMoment = String(freshness)
    .split('+')
    .flatMap((name) => (name === 'recent' ? 'recent-clicks' : name === 'age' ? 'age' : []));
  return { ...others, parts: ['network', ...sparse, ...ofMoment] };
}

/** What `modelLimits` must know of a file: the widths of its tables, and whether it is an older one. */
export function partsOfFile({
  config,
  tables,
  neighbours,
}: {
  readonly config: JsonObject;
  readonly tables?: TableWidths;
  readonly neighbours?: number;
}): { readonly tables: TableWidths | undefined; readonly older: boolean } {
  return {
    tables: neighbours === undefined ? tables : { 'co-occurrences': neighbours },
    older: isOlder(config),
  };
}

/** The same of a file with these tensors. */
export function partsOfTensors(
  config: JsonObject,
  tensors: readonly { readonly name: string; readonly cols: number }[],
): ReturnType<typeof partsOfFile> {
  const named = tensors.filter(({ cols }) => Number.isSafeInteger(cols) && cols > 0);
  const tables = tableWidths(named.map(({ name, cols }) => ({ name: newNames.get(name) ?? name, cols })));
  return partsOfFile({ config, tables });
}

/** The variables as an older file has them. The first ones had no weight of co-occurrences, as they had no tables of these. */
export function olderVariables(variables: readonly Variable[]): Variable[] {
  const hasTables = variables.some(({ name }) => name === coOccurrences.items);
  return variables.flatMap((variable) => {
    if (variable.name === CO_OCCURRENCES) return hasTables ? { ...variable, name: 'repeat.w' } : [];
    if (variable.name === SESSION_WEIGHTS) return [];
    if (variable.name !== REPEATS) return { ...variable, name: olderTables[variable.name] ?? variable.name };
    const cols = variable.cols - 3;
    const rows = { c: 1, V: cols + 1, a: 1 };
    return Object.entries(rows).map(([name, rows]) => ({ ...variable, name: `repeat.${name}`, rows, cols }));
  });
}

/** Tensors of an older file by their names of today. */
export function newerTensors(tensors: readonly StoredTensor[]): StoredTensor[] {
  const valuesOf = (name: string) => tensors.find((tensor) => tensor.name === name)?.values;
  const [c, matrix, a] = ['c', 'V', 'a'].map((name) => valuesOf(`repeat.${name}`));
  if (!c || !matrix || !a) return [...tensors];
  // V has w on its diagonal and v in its last row.
  const weights = Float32Array.of(...c, matrix[0], matrix[matrix.length - 1], a[0]);
  const vector = (name: string, values: Float32Array): StoredTensor => {
    return { name, kind: 'parameter', rows: 1, cols: values.length, values };
  };
  const others = tensors.filter(({ name }) => !name.startsWith('repeat.'));
  return [
    ...others.map((tensor) => ({ ...tensor, name: newNames.get(tensor.name) ?? tensor.name })),
    vector(REPEATS, weights),
    vector(CO_OCCURRENCES, valuesOf('repeat.w') ?? new Float32Array(1)),
  ];
}
