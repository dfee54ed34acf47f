// Makes the C side of a call from the kernel table: generated/arguments.h has a structure of arguments per kernel, what
// reads it from an op's words, and the numbers of named choices; generated/constants.h has the constants of the table, its
// fingerprint, and the kernels by number.

import { HEAD_WORDS, kernelTable, OP_WORDS, tableFingerprint } from '../src/kernel-table.ts';

const kernels: Readonly<
  Record<string, { readonly arguments: Readonly<Record<string, string>>; readonly share?: readonly string[] }>
> = kernelTable.kernels;
const names = Object.keys(kernels);

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
function fieldsOf([name, kind]: readonly [string, string], i: number): Field[] {
  const word = `words[${i}]`;
  const float = `*(const float *)&${word}`;
  const address = `(void *)(base + ${word})`;
  if (kind in kernelTable.choices) return [{ type: 'int', name, value: `(int)${word}` }];
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

function kernelSource(kernel: string): string {
  const fields = Object.entries(kernels[kernel]?.arguments ?? {}).flatMap(fieldsOf);
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

function constantsSource(): string {
  const numbers = Object.fromEntries(names.map((kernel, number) => [`${kernel}_NUMBER`, number]));
  const others = { TABLE: tableFingerprint, OP_WORDS, HEAD_WORDS };
  const constants = Object.entries({ ...kernelTable.constants, ...others, ...numbers });
  const listed = (some: readonly string[]): string => some.map((name) => `DO(${name})`).join(' ');
  return `${constants.map(([name, value]) => `#define ${name} (${value})\n`).join('')}
#define ALL_KERNELS(DO) ${listed(names)}
#define SHARING_KERNELS(DO) ${listed(names.filter((kernel) => kernels[kernel]?.share))}
`;
}

function argumentsSource(): string {
  const choices = Object.entries(kernelTable.choices).map(
    ([choice, options]) =>
      `enum { ${options.map((name) => `${choice.toUpperCase()}_${name}`).join(', ')} };\n`,
  );
  return [...choices, ...names.map(kernelSource)].join('\n');
}

/** The headers that C sources find in generated/, by name, and the bytes of a thread's stack. */
export const headers: { readonly sources: Readonly<Record<string, string>>; readonly stackBytes: number } = {
  sources: { 'constants.h': constantsSource(), 'arguments.h': argumentsSource() },
  stackBytes: kernelTable.constants.STACK_BYTES,
};
