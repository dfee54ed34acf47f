// Makes the C side of a call from the kernel table: generated/arguments.h has a structure of arguments per kernel, what
// reads it from an op's words, and the numbers of named choices; generated/constants.h has the constants of the table, its
// fingerprint, and the kernels by number.

import { HEAD_WORDS, kernelTable, OP_WORDS, tableFingerprint } from '../src/kernel-table.ts';

/** A table like `kernelTable`. */
export interface Table {
  readonly kernels: Readonly<
    Record<
      string,
      { readonly arguments: Readonly<Record<string, string>>; readonly share?: readonly string[] }
    >
  >;
  readonly choices: Readonly<Record<string, readonly string[]>>;
  readonly constants: Readonly<Record<string, number>>;
}

/** A field of a kernel's structure, and the expression that reads it. */
interface Field {
  readonly type: string;
  readonly name: string;
  readonly value: string;
}

const bounds = (count: string): Field[] => [
  { type: 'int', name: 'from', value: `share_bound(${count}, share, shares)` },
  { type: 'int', name: 'to', value: `share_bound(${count}, share + 1, shares)` },
];

/** Fields of an argument that is word i. Rows that threads split come as the first of the share and one past the last. */
function fieldsOf(table: Table, [name, kind]: readonly [string, string], i: number): Field[] {
  const word = `words[${i}]`;
  const float = `*(const float *)&${word}`;
  const address = `(void *)(base + ${word})`;
  if (kind in table.choices) return [{ type: 'int', name, value: `(int)${word}` }];
  switch (kind) {
    case 'i32':
      return [{ type: 'int', name, value: `(int)${word}` }];
    case 'u32':
      return [{ type: 'uint32_t', name, value: word }];
    case 'bytes':
      return [{ type: 'size_t', name, value: word }];
    case 'bool':
      return [{ type: 'bool', name, value: `${word} != 0` }];
    case 'f32':
      return [{ type: 'float', name, value: float }];
    case 'scalar':
      return [{ type: 'float', name, value: `*(const float *)(base + ${word})` }];
    case 'split':
    case 'range':
      return [{ type: 'int', name, value: `(int)${word}` }, ...bounds(`(int)${word}`)];
    case 'split count':
      return bounds(`*(const int32_t *)(base + ${word})`);
    case 'rows':
    case 'split rows':
      return [{ type: 'const uint32_t *', name, value: address }];
    case 'read':
    case 'read rows':
      return [{ type: 'const void *', name, value: address }];
    case 'read?':
      return [{ type: 'const void *', name, value: `${word} ? ${address} : NULL` }];
    case 'write?':
    case 'scatter?':
      return [{ type: 'void *', name, value: `${word} ? ${address} : NULL` }];
    default:
      return [{ type: 'void *', name, value: address }];
  }
}

function kernelSource(table: Table, kernel: string): string {
  const entries = Object.entries(table.kernels[kernel]?.arguments ?? {});
  const fields = entries.flatMap((entry, i) => fieldsOf(table, entry, i));
  const unused = ['base', 'words', 'share', 'shares'].map((name) => `(void)${name};`).join(' ');
  return `typedef struct {
${fields.map(({ type, name }) => `  ${type}${type.endsWith('*') ? '' : ' '}${name};`).join('\n')}
} ${kernel}_Arguments;
INLINE ${kernel}_Arguments ${kernel}_read(char *base, const uint32_t *words, int share, int shares) {
  ${unused}
  return (${kernel}_Arguments){
${fields.map(({ name, value }) => `      .${name} = ${value},`).join('\n')}
  };
}
`;
}

/** Source of generated/constants.h. */
function constantsSource(table: Table, others: Readonly<Record<string, number>>): string {
  const kernels = Object.keys(table.kernels);
  const numbers = Object.fromEntries(kernels.map((kernel, number) => [`${kernel}_NUMBER`, number]));
  const constants = Object.entries({ ...table.constants, ...others, ...numbers });
  const listed = (names: readonly string[]): string => names.map((name) => `DO(${name})`).join(' ');
  return `${constants.map(([name, value]) => `#define ${name} (${value})\n`).join('')}
#define ALL_KERNELS(DO) ${listed(kernels)}
#define SHARING_KERNELS(DO) ${listed(kernels.filter((kernel) => table.kernels[kernel]?.share))}
`;
}

/** Source of generated/arguments.h. */
function argumentsSource(table: Table): string {
  const choices = Object.entries(table.choices).map(
    ([choice, names]) => `enum { ${names.map((name) => `${choice.toUpperCase()}_${name}`).join(', ')} };\n`,
  );
  return [...choices, ...Object.keys(table.kernels).map((kernel) => kernelSource(table, kernel))].join('\n');
}

/** The headers that C sources find in generated/, by name. @param others - more constants */
export function headersOf(table: Table, others: Readonly<Record<string, number>>): Record<string, string> {
  return { 'constants.h': constantsSource(table, others), 'arguments.h': argumentsSource(table) };
}

/** The headers of the kernel table. */
export const headers: { readonly sources: Readonly<Record<string, string>>; readonly stackBytes: number } = {
  sources: headersOf(kernelTable, { TABLE: tableFingerprint, OP_WORDS, HEAD_WORDS }),
  stackBytes: kernelTable.constants.STACK_BYTES,
};
