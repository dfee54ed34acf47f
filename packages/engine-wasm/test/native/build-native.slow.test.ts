import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { addonFile, stampFile, stampOf, thisPlatform } from '../../scripts/native-build.mjs';
import { findNativeKernels } from '../../src/native/index.ts';

const script = fileURLToPath(new URL('../../scripts/build-native.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gru4rec-build-native-'));
const output = join(folder, 'build', 'platform');
beforeEach(() => rmSync(join(folder, 'build'), { recursive: true, force: true }));
afterAll(() => rmSync(folder, { recursive: true }));

function build(environment: Readonly<Record<string, string>>, ...options: string[]) {
  const args = [script, '--target', 'linux-x64', '--output', output, ...options];
  const { status, stderr } = spawnSync(process.execPath, args, { env: environment, encoding: 'utf8' });
  return { status, stderr };
}

/** What a build leaves beside and at its output. */
function left(): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.startsWith(join('build', '')))
    .sort();
}

/** The process that a compiler which hangs has started. */
const childOf = (compiler: string) => Number(readFileSync(`${compiler}.pid`, 'utf8'));

function isRunning(pid: number): boolean {
  try {
    // A process that nobody has waited for yet still has its number.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
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
    expect(left()).toEqual(['build']);
  });

  it('compiles once per instruction set of the target, with the options of the compiler first', () => {
    const compiler = fakeCompiler('works', 'while [ $# -gt 1 ]; do shift; done; echo object > "$1"');
    const environment = { PATH: '/bin:/usr/bin' };
    // Not this machine's, so that it is not tried.
    const options = ['--target', 'linux-arm64-musl', '--compiler', `${compiler} --sysroot=/x`];
    expect(build(environment, ...options)).toEqual({
      status: 0,
      stderr: `Compiling kernels for neon with ${compiler} --sysroot=/x\n`,
    });
    const log = readFileSync(`${compiler}.log`, 'utf8');
    expect(log.split('\n').filter((line) => line.startsWith('--sysroot=/x '))).toHaveLength(4);
    expect(log).not.toContain('-mavx2');
    expect(existsSync(join(output, 'kernels.node'))).toBe(true);
    // Nothing has changed since, so not even a compiler is looked for.
    expect(build({ PATH: '' }, '--target', 'linux-arm64-musl')).toEqual({ status: 0, stderr: '' });
    // A flipped bit is a change.
    writeFileSync(addonFile(output), 'objecu\n');
    expect(build({ PATH: '' }, '--target', 'linux-arm64-musl').status).toBe(3);
    expect(build(environment, ...options).status).toBe(0);
    expect(readFileSync(addonFile(output), 'utf8')).toBe('object\n');
  });

  it('ends a compiler that hangs, and what it started, after the limit, and leaves nothing', () => {
    const compiler = fakeCompiler('hangs', 'sleep 600 & echo $! > "$0.pid"; wait');
    expect(build({ CC: compiler, PATH: '/bin:/usr/bin' }, '--limit', '1')).toEqual({
      status: 1,
      stderr: `Native kernels are not built: ${compiler} did not end within 1 s\n`,
    });
    expect(isRunning(childOf(compiler))).toBe(false);
    expect(left()).toEqual(['build']);
  });

  it('ends the compiler with itself, and leaves nothing', async () => {
    const compiler = fakeCompiler('waits', 'sleep 600 & echo $! > "$0.pid"; wait');
    const args = [script, '--target', 'linux-x64', '--output', output, '--compiler', compiler];
    const child = spawn(process.execPath, args, { stdio: 'ignore' });
    await vi.waitUntil(() => existsSync(`${compiler}.pid`) && childOf(compiler) > 0, 15_000);
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([143, null]);
    expect(isRunning(childOf(compiler))).toBe(false);
    expect(left()).toEqual(['build']);
  });
});

describe.skipIf(process.platform === 'win32')('build-native for this machine', () => {
  it('replaces an addon that does not run, but not by one that does not run', (ctx) => {
    const { kernels, ...state } = findNativeKernels();
    if (!kernels) return ctx.skip('reason' in state ? state.reason : '');
    const copies = fakeCompiler('copies', `while [ $# -gt 1 ]; do shift; done; cp '${kernels.path}' "$1"`);
    const breaks = fakeCompiler('breaks', 'while [ $# -gt 1 ]; do shift; done; echo object > "$1"');
    const environment = { PATH: '/bin:/usr/bin' };
    const here = ['--quiet', '--target', thisPlatform, '--compiler'];
    expect(build(environment, ...here, copies)).toEqual({ status: 0, stderr: '' });
    const whole = readFileSync(addonFile(output));
    expect(whole).toEqual(readFileSync(kernels.path));
    const { status, stderr } = build(environment, ...here, breaks);
    expect({ status, lines: stderr.trimEnd().split('\n') }).toEqual({
      status: 1,
      lines: [expect.stringMatching(/^Native kernels are not built: what .*breaks compiled does not run: /)],
    });
    expect(readFileSync(addonFile(output))).toEqual(whole);
    // One whose hash is right, but that this machine cannot load.
    writeFileSync(addonFile(output), 'object');
    writeFileSync(stampFile(output), stampOf(addonFile(output)));
    expect(build({ PATH: '' }, '--target', thisPlatform).status).toBe(3);
    expect(left()).toEqual([
      'build',
      join('build', 'platform'),
      ...['kernels.node', 'stamp.txt'].map((name) => join('build', 'platform', name)),
    ]);
  });
});
