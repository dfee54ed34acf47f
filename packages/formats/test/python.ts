import { spawnSync } from 'node:child_process';
import type { TestContext } from 'vitest';

const python = process.env['GRU4REC_PYTHON'] ?? 'python3';

/** Runs a program in Python; skips the test where the interpreter lacks a module. @returns its standard output. */
export function runPython(
  ctx: TestContext,
  modules: readonly string[],
  program: string,
  ...argv: string[]
): string {
  const found = spawnSync(python, ['-c', `import ${modules.join(', ')}`], { encoding: 'utf8' });
  if (found.status !== 0) {
    ctx.skip(`${python} has no ${modules.join(' or no ')}; name another interpreter in GRU4REC_PYTHON`);
  }
  const { status, stdout, stderr } = spawnSync(python, ['-c', program, ...argv], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout;
}
