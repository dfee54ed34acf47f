import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const script = fileURLToPath(new URL('../scripts/build-native.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gru4rec-build-native-'));
const output = join(folder, 'build');
afterAll(() => rmSync(folder, { recursive: true }));

function build(environment: Readonly<Record<string, string>>, ...options: string[]) {
  const args = [script, '--target', 'linux-x64', '--output', output, ...options];
  const { status, stderr } = spawnSync(process.execPath, args, { env: environment, encoding: 'utf8' });
  return { status, stderr };
}

/** A compiler that logs its arguments to a file next to it and then runs the script. */
function fakeCompiler(name: string, lines: string): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    `#!/bin/sh\necho "$@" >> "$0.log"\ncase "$*" in *--version) exit 0;; esac\n${lines}\n`,
    {
      mode: 0o755,
    },
  );
  return path;
}

describe.skipIf(process.platform === 'win32')('build-native', () => {
  it('ends with 3 and one line without a compiler, or none with --quiet', () => {
    expect(build({ PATH: '' })).toEqual({
      status: 3,
      stderr:
        'Native kernels are not built: no C compiler runs here; tried cc, gcc, clang. Install gcc or clang, or name one in CC\n',
    });
    expect(build({ PATH: '' }, '--quiet')).toEqual({ status: 3, stderr: '' });
    expect(build({ CC: ' /nowhere/cc  -m64 ' }).stderr).toContain('tried /nowhere/cc -m64.');
  });

  it('ends with 3 for a processor that has no kernels', () => {
    expect(build({}, '--target', 'linux-ppc64')).toEqual({
      status: 3,
      stderr: 'Native kernels are not built: there are no kernels for linux-ppc64, only for x64 and arm64\n',
    });
  });

  it('ends with 3 for Windows unless a clang is named', () => {
    const stderr = 'Native kernels are not built: kernels for Windows need a clang, named with --compiler\n';
    expect(build({}, '--target', 'win32-x64')).toEqual({ status: 3, stderr });
    const compiler = fakeCompiler('gcc', 'exit 0');
    const environment = { PATH: '/bin:/usr/bin', CC: compiler };
    expect(build(environment, '--target', 'win32-x64')).toEqual({ status: 3, stderr });
  });

  it('ends with 1 and the first error of a compiler that fails, and leaves nothing', () => {
    const compiler = fakeCompiler('fails', 'echo "In file x:" >&2; echo "x.c:1: error: no x" >&2; exit 7');
    const { status, stderr } = build({ CC: compiler, PATH: '/bin:/usr/bin' }, '--quiet');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `Native kernels are not built: ${compiler} ended with 7: x.c:1: error: no x\n`,
    });
    expect(readdirSync(output)).toEqual([]);
  });

  it('compiles once per instruction set of the target, with the options of the compiler first', () => {
    const compiler = fakeCompiler('works', 'while [ $# -gt 1 ]; do shift; done; echo object > "$1"');
    const environment = { PATH: '/bin:/usr/bin' };
    const options = ['--target', 'linux-arm64', '--compiler', `${compiler} --sysroot=/x`];
    expect(build(environment, ...options)).toEqual({
      status: 0,
      stderr: `Compiling kernels for neon with ${compiler} --sysroot=/x\n`,
    });
    const log = readFileSync(`${compiler}.log`, 'utf8');
    expect(log.split('\n').filter((line) => line.startsWith('--sysroot=/x '))).toHaveLength(4);
    expect(log).not.toContain('-mavx2');
    expect(existsSync(join(output, 'kernels.node'))).toBe(true);
    // Nothing has changed since, so not even a compiler is looked for.
    expect(build({ PATH: '' })).toEqual({ status: 0, stderr: '' });
  });
});
