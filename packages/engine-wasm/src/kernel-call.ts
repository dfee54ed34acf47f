import { type KernelName, kernelTable } from './kernel-table.ts';

export interface Buffer {
  bytes: number;
  readonly persistent: boolean;
  address: number;
  /** Writes the initial content of a persistent buffer, after planning. */
  fill?: (words: Int32Array, floats: Float32Array) => void;
}

/** A word of a call's record: an integer, a float, or an address inside a buffer. */
export type Word = number | { readonly float: number } | { readonly buffer: Buffer; readonly offset: number };

export interface Touch {
  readonly buffer: Buffer;
  readonly by: 'rows' | 'first' | 'all';
  readonly write: boolean;
}

/** Which threads run a call: one thread, all threads split by rows, or all threads with a split at run time. */
export type Runs = 'first' | 'last' | 'all' | { readonly rows: number };

export interface Call {
  readonly kernel: KernelName;
  readonly words: readonly Word[];
  readonly touches: readonly Touch[];
  readonly runs: Runs;
  readonly operations?: number;
  /** [out, in]: out may take the memory of in if this call is the last to need it. */
  readonly inPlace?: readonly [Buffer, Buffer];
}

type Choices = (typeof kernelTable)['choices'];
type Kernels = (typeof kernelTable)['kernels'];

/** The address of a value, or of a place inside it. A `Layout` is one. */
export type Address =
  | Buffer
  | {
      readonly buffer: Buffer;
      readonly offset?: number;
      /** Whether a thread reads only the rows of its share. For kinds that allow any part, such as `read`. */
      readonly byRows?: boolean;
    };

/** A list of row addresses, and the buffers that contain the rows; by `rows` if address i is that of row i. */
export interface RowList {
  readonly list: Buffer;
  readonly behind: readonly Touch[];
}

interface ArgumentTypes {
  readonly i32: number;
  readonly u32: number;
  readonly f32: number;
  readonly bool: boolean;
  readonly bytes: number;
  /** Number of rows that threads split. The kernel asks for its share with `lo` and `hi`. */
  readonly split: number;
  /** The same, passed to the kernel as the first row of its share, `from`, and the row after the last, `to`. */
  readonly range: number;
  /** The same, read from memory when the call runs. */
  readonly 'split count': Address;
  /** All threads run the kernel, with this address. */
  readonly 'all threads': Address;
  /** Every thread may read any part, or only the rows of its share with `byRows`. */
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
  /** A float in memory, passed to the kernel by value. */
  readonly scalar: Address;
  /** Every thread may read any of the rows. */
  readonly rows: RowList;
  /** Each thread reads only the rows of its share. */
  readonly 'split rows': RowList;
}

type ArgumentOf<Kind> = Kind extends keyof Choices
  ? Choices[Kind][number]
  : Kind extends keyof ArgumentTypes
    ? ArgumentTypes[Kind]
    : never;

/** The arguments of a kernel by name; `undefined` is allowed where the table marks an address as optional. */
export type KernelArguments<K extends KernelName> = {
  readonly [Name in keyof Kernels[K]['arguments']]: ArgumentOf<Kernels[K]['arguments'][Name]>;
};

/** Kernels whose shares keep sums in memory. */
export type SharingKernel = {
  [K in KernelName]: Kernels[K] extends { readonly share: readonly string[] } ? K : never;
}[KernelName];

/** The arguments that determine the size of a share. */
export type ShareArguments<K extends SharingKernel> = Pick<
  KernelArguments<K>,
  Kernels[K]['share'][number] & keyof KernelArguments<K>
>;

export type CallDetails = Partial<Pick<Call, 'operations' | 'inPlace'>> & {
  /** The one thread that runs the call. Default: a split by rows, or the first thread if the kernel cannot be split. */
  readonly runs?: 'first' | 'last';
};

type Given = ArgumentTypes[keyof ArgumentTypes] | string;

const readAny = { by: 'all', write: false } as const;
const writeAny = { by: 'all', write: true } as const;
const writeRows = { by: 'rows', write: true } as const;

type AddressKind = {
  [Kind in keyof ArgumentTypes]: ArgumentTypes[Kind] extends Address | undefined ? Kind : never;
}[keyof ArgumentTypes];

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

export function numberOf(kernel: KernelName): number {
  return kernelNames.indexOf(kernel);
}

export function kernelCall<K extends KernelName>(
  kernel: K,
  args: KernelArguments<K>,
  details: CallDetails = {},
): Call {
  const argumentKinds = Object.entries<string>(kernelTable.kernels[kernel].arguments);
  const values = args as Readonly<Record<string, Given>>;
  const words = argumentKinds.map(([name, kind]) => wordOf(kind, values[name]));
  const touches = argumentKinds.flatMap(([name, kind]) => touchesOf(kind, values[name]));
  let runs: Runs = 'first';
  for (const [name, kind] of argumentKinds) {
    if (kind === 'split' || kind === 'range') runs = { rows: Number(values[name]) };
    else if (kind === 'split count' || kind === 'all threads') runs = 'all';
  }
  return { kernel, words, touches, runs, ...details };
}

export function shareWords<K extends SharingKernel>(kernel: K, args: ShareArguments<K>): number[] {
  const values = args as Readonly<Record<string, unknown>>;
  return kernelTable.kernels[kernel].share.map((name) => Number(values[name]));
}

/** A call as text: the kernel, the threads that run it, and its arguments by name, without distances in bytes. */
export function describeCall({ kernel, words, runs }: Call, nameOf: (buffer: Buffer) => string): string {
  const threads = typeof runs === 'string' ? runs : `${runs.rows} rows`;
  const described = [kernel.padEnd(20), threads.padEnd(10)];
  for (const [at, [name, kind]] of Object.entries<string>(kernelTable.kernels[kernel].arguments).entries()) {
    const word = words[at] ?? 0;
    if (kind === 'bytes' || kernel === 'BARRIER') continue;
    if (typeof word === 'number') described.push(`${name}=${choiceOf(kind, word)}`);
    else if ('float' in word) described.push(`${name}=${word.float}`);
    else described.push(`${name}=${nameOf(word.buffer)}${word.offset > 0 ? `+${word.offset}` : ''}`);
  }
  return described.join(' ').trimEnd();
}

function choiceOf(kind: string, value: number): string | number {
  const names: readonly string[] | undefined = kernelTable.choices[kind as keyof Choices];
  return names?.[value] ?? value;
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
