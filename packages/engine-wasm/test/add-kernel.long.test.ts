import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// Follows the README's section "To add a kernel", step by step, in a copy of the package.

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gru4rec-add-kernel-'));
const run = promisify(execFile);

const entry =
  "SCALE_ROWS: { arguments: { x: 'read rows', out: 'write', rows: 'split', stride: 'bytes', by: 'f32' } },";

const source = `// Scales rows.
#pragma once
#include "simd.h"

/** out = by · x, split by rows. */
KERNEL(SCALE_ROWS) {
  for (int r = x.from; r < x.to; r++)
    EACH_VECTOR((int)(x.stride / 4)) {
      const V scaled = x.by * load_lanes(CONST_STEP(x.x, x.stride * r) + o, m);
      store_lanes(STEP(x.out, x.stride * r) + o, m, scaled);
    }
}
`;

/** In the place of what runs \`relu\`, so that a program can ask for it. */
const call = `relu: (l, node) => {
    const x = l.dense(inputOf(node));
    const out = l.allocate(outputOf(node));
    l.call('SCALE_ROWS', { x, out, rows: x.rows, stride: x.stride, by: 2.5 });
  },`;

const program = `import { createWasmEngine } from './src/index.ts';
import { ProgramBuilder } from '@gru4rec/program';

const b = new ProgramBuilder('scale');
b.output('y', b.relu(b.input('x', { dtype: 'f32', rows: 9, cols: 3 })));
for (const threads of [1, 2]) {
  const runtime = createWasmEngine({ threads, threadsFrom: 0 }).load([b.build()]);
  const { y } = runtime.run('scale', { x: Float32Array.from({ length: 27 }, (_, i) => i - 9) });
  console.log(JSON.stringify({ kernels: runtime.kernels('scale'), y: Array.from(y ?? []) }));
}
`;

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);

/** Inserts a line into a file, before the only occurrence of a text. */
function insert(name: string, before: string, line: string): void {
  const text = readFileSync(join(folder, name), 'utf8');
  expect(text.split(before)).toHaveLength(2);
  write(name, text.replace(before, `${line}\n${before}`));
}

const build = () => run(process.execPath, ['scripts/build-kernels.mjs'], { cwd: folder });

/** @returns the output of the type checker for the copy. */
async function check(): Promise<string> {
  const tsc = join(repository, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout } = await run(process.execPath, [tsc, '--project', '.'], { cwd: folder }).catch((e) => e);
  return stdout;
}

describe('a kernel', () => {
  beforeAll(() => {
    for (const name of ['c', 'scripts', 'src', 'worker', 'wasm', 'package.json']) {
      cpSync(join(repository, 'packages', 'engine-wasm', name), join(folder, name), { recursive: true });
    }
    symlinkSync(
      join(repository, 'packages', 'engine-wasm', 'node_modules'),
      join(folder, 'node_modules'),
      'junction',
    );
    const typeRoots = [join(repository, 'node_modules', '@types')];
    const compilerOptions = { declaration: true, composite: false, noEmit: true, rootDir: '/', typeRoots };
    write(
      'tsconfig.json',
      JSON.stringify({
        extends: join(repository, 'tsconfig.base.json'),
        compilerOptions: { ...compilerOptions, noUncheckedIndexedAccess: false },
        include: ['src'],
      }),
    );
    insert('src/kernel-table.ts', '    BARRIER:', entry);
    const lowerNode = readFileSync(join(folder, 'src/lower-node.ts'), 'utf8');
    const relu = "relu: unary('RELU'),";
    expect(lowerNode.split(relu)).toHaveLength(2);
    write('src/lower-node.ts', lowerNode.replace(relu, call));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('is refused without its function', async () => {
    await expect(build()).rejects.toThrow("use of undeclared identifier 'SCALE_ROWS'");
  }, 300_000);

  it('runs by its entry in the table, its function and its call', async () => {
    write('c/scale.h', source);
    insert('c/kernels.c', '#include "layout.h"', '#include "scale.h"');
    await build();
    write('program.ts', program);
    const tsx = join(repository, 'node_modules', 'tsx', 'dist', 'cli.mjs');
    const { stdout } = await run(process.execPath, [tsx, '--conditions=@gru4rec/source', 'program.ts'], {
      cwd: folder,
    });
    const [one, two] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const y = Array.from({ length: 27 }, (_, i) => (i - 9) * 2.5);
    expect(one).toEqual({ kernels: ['SCALE_ROWS', 'COPY_ROWS'], y });
    expect(two).toEqual({ kernels: ['SCALE_ROWS', 'COPY_ROWS', 'BARRIER'], y });
  }, 300_000);

  it('compiles only if it is called with its arguments', async () => {
    expect(await check()).toBe('');
    const lowerNode = readFileSync(join(folder, 'src/lower-node.ts'), 'utf8');
    write('src/lower-node.ts', lowerNode.replace('by: 2.5', 'times: 2.5'));
    expect(await check()).toContain("'times' does not exist in type 'KernelArguments<\"SCALE_ROWS\">'");
  });
});
