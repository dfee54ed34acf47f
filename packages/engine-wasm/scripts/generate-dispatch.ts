// Generates the kernels' side of a call from the kernel table: assembly/generated/choices.ts with the numbers of named
// choices, and assembly/generated/dispatch.ts, which calls a kernel with the arguments of a record.

/** A table like `kernelTable`. */
interface Table {
  readonly kernels: Readonly<Record<string, Kernel>>;
  readonly choices: Readonly<Record<string, readonly string[]>>;
  readonly constants: Readonly<Record<string, string>>;
}

interface Kernel {
  readonly file: string;
  readonly share?: readonly string[];
  readonly arguments: Readonly<Record<string, string>>;
}

/** A parameter of a kernel's function, and the expression that reads it from the record at `a`. */
interface Parameter {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

/** Words of a record before its arguments: the number of the kernel, and the threads that run it. */
const HEAD_WORDS = 2;
/** A record is a whole number of vectors. */
const VECTOR_WORDS = 4;

/** `TN_PART` is the function `tnPart`. */
function functionOf(kernel: string): string {
  return kernel.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

function parametersOf(table: Table, kernel: Kernel): Parameter[] {
  return Object.entries(kernel.arguments).flatMap(([name, kind], i): Parameter[] => {
    if (kind in table.choices) return [{ name, type: 'i32', value: `n(a, ${i})` }];
    switch (kind) {
      case 'i32':
      case 'split':
        return [{ name, type: 'i32', value: `n(a, ${i})` }];
      case 'range':
        return [
          { name: 'from', type: 'i32', value: `lo(n(a, ${i}))` },
          { name: 'to', type: 'i32', value: `hi(n(a, ${i}))` },
        ];
      case 'u32':
        return [{ name, type: 'u32', value: `u(a, ${i})` }];
      case 'bool':
        return [{ name, type: 'bool', value: `n(a, ${i}) != 0` }];
      case 'f32':
        return [{ name, type: 'f32', value: `f(a, ${i})` }];
      case 'scalar':
        return [{ name, type: 'f32', value: `s(a, ${i})` }];
      default:
        return [{ name, type: 'usize', value: `u(a, ${i})` }];
    }
  });
}

/** The name of the function that returns the bytes of a share. */
function shareFunctionOf(kernel: string): string {
  return `${functionOf(kernel)}ShareBytes`;
}

/** @throws Error if the function is missing or has other parameters. */
function expectFunction(
  file: { readonly name: string; readonly text: string },
  name: string,
  parameters: readonly Parameter[],
  result: 'void' | 'usize',
): void {
  const expected = parameters.map((parameter) => `${parameter.name}: ${parameter.type}`).join(', ');
  const declaration = new RegExp(`^export function ${name}\\(([^)]*)\\): ${result} `, 'm');
  const found = declaration.exec(file.text)?.[1];
  if (found === expected) return;
  const got = found === undefined ? 'none' : `(${found})`;
  throw new Error(
    `assembly/${file.name}.ts: expected a function ${name}(${expected}): ${result}, as the table has it; got ${got}`,
  );
}

/** The parameters of a kernel's function, which must be those of the table. */
function checkedParameters(table: Table, kernel: string, readSource: (file: string) => string): Parameter[] {
  const entry = table.kernels[kernel] as Kernel;
  const parameters = parametersOf(table, entry);
  const file = { name: entry.file, text: readSource(entry.file) };
  expectFunction(file, functionOf(kernel), parameters, 'void');
  if (entry.share) {
    const kept = entry.share.flatMap((name) => parameters.filter((parameter) => parameter.name === name));
    expectFunction(file, shareFunctionOf(kernel), kept, 'usize');
  }
  return parameters;
}

/** The import of each kernel's function, one line per file. */
function importsOf({ kernels }: Table): string[] {
  const files = new Map<string, string[]>();
  for (const [kernel, { file }] of Object.entries(kernels)) {
    files.set(file, [...(files.get(file) ?? []), functionOf(kernel)]);
  }
  return [...files].map(([file, names]) => `import { ${names.join(', ')} } from '../${file}';`);
}

/** Bytes of a record, enough for the kernel with the most arguments. */
function recordBytes({ kernels }: Table): number {
  const longest = Math.max(...Object.values(kernels).map((kernel) => Object.keys(kernel.arguments).length));
  return 4 * VECTOR_WORDS * Math.ceil((HEAD_WORDS + longest) / VECTOR_WORDS);
}

/** Source of assembly/generated/choices.ts. */
export function choicesSource({ choices }: Table): string {
  const lines = Object.values(choices).flatMap((names) =>
    names.map((name, i) => `export const ${name}: i32 = ${i};\n`),
  );
  return lines.join('');
}

/**
 * Source of assembly/generated/dispatch.ts.
 *
 * @param fingerprint - identifies the table; the kernels export it.
 * @param readSource - returns the text of a file of assembly/ by its name.
 * @throws Error if a kernel's function has other parameters than the table says.
 */
export function dispatchSource(
  table: Table,
  fingerprint: number,
  readSource: (file: string) => string,
): string {
  const shares = Object.entries(table.kernels).flatMap(([kernel, { file, share }]): [string, string][] =>
    share ? [[`${shareFunctionOf(kernel)} as ${kernel}_SHARE`, file]] : [],
  );
  const exported = [...Object.entries(table.constants), ...shares].map(
    ([name, file]) => `export { ${name} } from '../${file}';`,
  );
  const cases = Object.keys(table.kernels).map((kernel, number) => {
    const values = checkedParameters(table, kernel, readSource).map(({ value }) => value);
    return `    case ${number}: ${functionOf(kernel)}(${values.join(', ')}); break;`;
  });
  return `import { hi, lo, shareCount, shareNumber } from '../share';
${importsOf(table).join('\n')}

${exported.join('\n')}
/** Identifies the table that this file was generated from. */
export const TABLE: i32 = ${fingerprint};
/** Bytes of a record: the number of the kernel, the threads that run it, the arguments. */
export const OP_BYTES: i32 = ${recordBytes(table)};
/** Offset of the arguments in a record. */
export const ARGUMENTS: usize = ${4 * HEAD_WORDS};

@inline
function u(at: usize, i: usize): usize {
  return load<u32>(at + (i << 2));
}
@inline
function n(at: usize, i: usize): i32 {
  return load<i32>(at + (i << 2));
}
@inline
function f(at: usize, i: usize): f32 {
  return load<f32>(at + (i << 2));
}
@inline
function s(at: usize, i: usize): f32 {
  return load<f32>(load<u32>(at + (i << 2)));
}

/** Runs a share of a kernel outside, on this memory. */
@external('env', 'native')
declare function native(kernel: i32, a: usize, share: i32, shares: i32): void;

/** A bit for each kernel that runs outside. */
let outside: u64 = 0;

/** Sets the kernels that run outside, by a bit per number: those below 32, and the others. */
export function runOutside(low: u32, high: u32): void {
  outside = (<u64>high << 32) | low;
}

/** Runs the kernel with this number, with the arguments at \`a\`. */
export function dispatch(kernel: i32, a: usize): void {
  if ((outside >> kernel) & 1) {
    native(kernel, a, shareNumber(), shareCount());
    return;
  }
  switch (kernel) {
${cases.join('\n')}
    default: unreachable();
  }
}
`;
}
