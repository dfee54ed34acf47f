import type { Buffer, Call, Runs, Touch, Word } from './calls.ts';
import { type KernelName, kernelTable } from './kernel-table.ts';

type Choices = (typeof kernelTable)['choices'];
type Kernels = (typeof kernelTable)['kernels'];

/** Where a value starts, or a place inside it; a `Layout` is one. */
export type Address =
  | Buffer
  | {
      readonly buffer: Buffer;
      /** Bytes. */
      readonly offset?: number;
      /** Whether a thread reads only the rows of its share, where the kernel leaves that open. */
      readonly byRows?: boolean;
    };

/** A list of row addresses, and the buffers that they are in; by `rows` if the i-th address is of the buffer's row i. */
export interface RowList {
  readonly list: Buffer;
  readonly behind: readonly Touch[];
}

/** What a call gives for an argument, by the kind that the table has for it. */
interface ArgumentTypes {
  readonly i32: number;
  readonly u32: number;
  readonly f32: number;
  readonly bool: boolean;
  /** A distance or a size. */
  readonly bytes: number;
  /** How many rows threads split; the kernel asks for its share. */
  readonly split: number;
  /** The same, which the kernel gets as the first row of its share, `from`, and the one after the last, `to`. */
  readonly range: number;
  /** The same, in memory: known when the call runs. */
  readonly 'split count': Address;
  /** All threads run the kernel, with this address. */
  readonly 'all threads': Address;
  /** Every thread may read any part; each only the rows of its share if given `byRows`. */
  readonly read: Address;
  readonly 'read?': Address | undefined;
  /** Each thread reads the rows of its share. */
  readonly 'read rows': Address;
  /** Each thread writes the rows of its share, and may read them. */
  readonly write: Address;
  readonly 'write?': Address | undefined;
  /** The first thread writes. */
  readonly 'write first': Address;
  /** Any thread may write and read any part. */
  readonly scatter: Address;
  readonly 'scatter?': Address | undefined;
  /** A float in memory; the kernel gets its value. */
  readonly scalar: Address;
  /** Every thread may read any of the rows. */
  readonly rows: RowList;
  /** Each thread reads those of its share. */
  readonly 'split rows': RowList;
}

type ArgumentOf<Kind> = Kind extends keyof Choices
  ? Choices[Kind][number]
  : Kind extends keyof ArgumentTypes
    ? ArgumentTypes[Kind]
    : never;

/** A kernel's arguments by name; `undefined` where the table lets an address be absent. */
export type KernelArguments<K extends KernelName> = {
  readonly [Name in keyof Kernels[K]['arguments']]: ArgumentOf<Kernels[K]['arguments'][Name]>;
};

/** Kernels whose shares keep sums in memory. */
export type SharingKernel = {
  [K in KernelName]: Kernels[K] extends { readonly share: readonly string[] } ? K : never;
}[KernelName];

/** The arguments that the bytes of a share depend on. */
export type ShareArguments<K extends SharingKernel> = Pick<
  KernelArguments<K>,
  Kernels[K]['share'][number] & keyof KernelArguments<K>
>;

/** What a call says beside its arguments. */
export type CallDetails = Partial<Pick<Call, 'operations' | 'inPlace'>> & {
  /** The thread that does all; threads split the rows, or the first does all, if not given. */
  readonly runs?: 'first' | 'last';
};

type Given = ArgumentTypes[keyof ArgumentTypes] | string;

const readAny = { by: 'all', write: false } as const;
const writeAny = { by: 'all', write: true } as const;
const writeRows = { by: 'rows', write: true } as const;

type AddressKind = {
  [Kind in keyof ArgumentTypes]: ArgumentTypes[Kind] extends Address | undefined ? Kind : never;
}[keyof ArgumentTypes];

/** How a kernel touches what an address leads to. */
const touchedBy: Readonly<Record<AddressKind, Omit<Touch, 'buffer'>>> = {
  'split count': readAny,
  'all threads': readAny,
  read: readAny,
  'read?': readAny,
  'read rows': { by: 'rows', write: false },
  write: writeRows,
  'write?': writeRows,
  'write first': { by: 'first', write: true },
  scatter: writeAny,
  'scatter?': writeAny,
  scalar: readAny,
};

const kernelNames = Object.keys(kernelTable.kernels);

/** A kernel's number in a record. */
export function numberOf(kernel: KernelName): number {
  return kernelNames.indexOf(kernel);
}

/** A call of a kernel: the words of its record, and what the table says of it. */
export function kernelCall<K extends KernelName>(
  kernel: K,
  given: KernelArguments<K>,
  details: CallDetails = {},
): Call {
  const kinds = Object.entries<string>(kernelTable.kernels[kernel].arguments);
  const values = given as Readonly<Record<string, Given>>;
  const words = kinds.map(([name, kind]) => wordOf(kind, values[name]));
  const touches = kinds.flatMap(([name, kind]) => touchesOf(kind, values[name]));
  let runs: Runs = 'first';
  for (const [name, kind] of kinds) {
    if (kind === 'split' || kind === 'range') runs = { rows: Number(values[name]) };
    else if (kind === 'split count' || kind === 'all threads') runs = 'all';
  }
  return { kernel, words, touches, runs, ...details };
}

/** The arguments of a share's size, in the table's order. */
export function shareWords<K extends SharingKernel>(kernel: K, given: ShareArguments<K>): number[] {
  const values = given as Readonly<Record<string, unknown>>;
  return kernelTable.kernels[kernel].share.map((name) => Number(values[name]));
}

function wordOf(kind: string, value: Given): Word {
  if (typeof value === 'number') return kind === 'f32' ? { float: value } : value;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'string') {
    const names: readonly string[] = kernelTable.choices[kind as keyof Choices];
    return names.indexOf(value);
  }
  if (value === undefined) return 0;
  if ('list' in value) return { buffer: value.list, offset: 0 };
  return 'buffer' in value
    ? { buffer: value.buffer, offset: value.offset ?? 0 }
    : { buffer: value, offset: 0 };
}

function touchesOf(kind: string, value: Given): Touch[] {
  if (typeof value !== 'object') return [];
  if ('list' in value) {
    const split = kind === 'split rows';
    const behind = value.behind.map((touch) => (split || touch.write ? touch : { ...touch, ...readAny }));
    return [{ buffer: value.list, by: split ? 'rows' : 'all', write: false }, ...behind];
  }
  const touched = touchedBy[kind as AddressKind];
  if (!('buffer' in value)) return [{ buffer: value, ...touched }];
  const { buffer, byRows = false } = value;
  return [byRows && touched === readAny ? { buffer, by: 'rows', write: false } : { buffer, ...touched }];
}
