import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { runCudaPackCommand } from '../../src/cuda-pack/command.ts';
import { writeFakeRuntime } from './fake-runtime.ts';

const missing = ['python3', 'xz', 'tar', 'cc'].filter(
  (program) => spawnSync(program, ['--version']).status !== 0,
);
const folder = mkdtempSync(join(tmpdir(), 'gru4rec-unpack-test-'));
const packed = join(folder, 'packed');
const PART = 64 * 1024;
const lines: string[] = [];

async function pack(...words: string[]): Promise<number> {
  const note = (line: string) => void lines.push(line);
  return runCudaPackCommand(
    ['--output', packed, '--part-size', '64KiB', '--node', join(folder, 'node'), ...words],
    {
      resolvePath: String,
      print: note,
      complain: note,
    },
  );
}

beforeAll(async () => {
  if (missing.length > 0) return;
  writeFakeRuntime(join(folder, 'runtimes'));
  writeFileSync(join(folder, 'node'), '#!/bin/sh\necho "$@"\necho "$LD_LIBRARY_PATH"\n');
  chmodSync(join(folder, 'node'), 0o755);
  vi.stubEnv('GRU4REC_TENSORFLOW', join(folder, 'runtimes'));
  expect(await pack(), lines.join('\n')).toBe(0);
  vi.unstubAllEnvs();
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let place: string;
let unpacked: string;

beforeEach((ctx) => {
  if (missing.length > 0) ctx.skip(`no ${missing.join(', ')}`);
  place = mkdtempSync(join(folder, 'place-'));
  unpacked = join(place, 'unpacked');
});

/** Runs the script with an environment that has only a PATH. */
function unpack(words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(
    'python3',
    [join(packed, 'unpack.py'), '--into', unpacked, ...words],
    { cwd: place, encoding: 'utf8', env: { PATH: process.env.PATH, ...environment } },
  );
  return { status, stdout, stderr };
}

const partsOf = (name: string) => readdirSync(packed).filter((file) => file.startsWith(`${name}.tar.xz.`));

/** A folder with the manifest and some parts, as one call brings it. */
function bring(name: string, files: readonly string[]): string {
  const brought = join(place, name);
  mkdirSync(brought);
  for (const file of ['manifest.json', ...files]) cpSync(join(packed, file), join(brought, file));
  return brought;
}

describe('unpack.py add', () => {
  it('unpacks everything, from parts of the given size, which a plan names once each', () => {
    expect(partsOf('tensorflow').length).toBe(3);
    for (const file of readdirSync(packed).filter((name) => name.includes('.tar.xz.'))) {
      expect(readFileSync(join(packed, file)).length).toBeLessThanOrEqual(PART);
    }
    const planned = lines.flatMap((line) => /^call \d+, .*: (.*)$/.exec(line)?.[1]?.split(' ') ?? []);
    expect(planned.sort()).toEqual(readdirSync(packed).filter((name) => name.includes('.tar.xz.')));
    const { status, stdout } = unpack(['add', packed]);
    expect(stdout).toMatch(/^app: unpacked .*\nnode: unpacked .*\ntensorflow: unpacked 3 parts .*\n$/);
    expect(status).toBe(0);
    const tfjs = 'node_modules/@tensorflow/tfjs-node';
    const runtime = 'tensorflow-wheel-gpu-2.18.1-linux-x64';
    for (const file of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
      const path = join(runtime, tfjs, 'deps', 'lib', file);
      expect(readFileSync(join(unpacked, 'runtimes', path))).toEqual(
        readFileSync(join(folder, 'runtimes', path)),
      );
    }
    const addon = `console.log(require('./${runtime}/${tfjs}').addon)`;
    const found = spawnSync(process.execPath, ['-e', addon], {
      cwd: join(unpacked, 'runtimes'),
      encoding: 'utf8',
    });
    expect(readFileSync(found.stdout.trim(), 'utf8')).toBe('addon');
  });

  it('unpacks commands that measure and repeat recorded runs without the repository', () => {
    unpack(['add', packed]);
    const command = (...words: string[]) =>
      spawnSync(process.execPath, [join(unpacked, 'app', 'benchmark.mjs'), ...words], { encoding: 'utf8' });
    const goldens = join(unpacked, 'app', 'files', 'packages', 'test-support', 'golden');
    const repeated = command('golden', goldens, '--engine', 'wasm', '--only', '^xe-one');
    expect(repeated.stdout, repeated.stderr).toMatch(/\n1 passed, 0 failed\n$/);
    const brief = ['--seconds', '0.01', '--rounds', '1', '--force'];
    const measured = command('benchmark', '--suite', 'sampler', ...brief);
    expect([measured.status, measured.stdout]).toEqual([0, expect.stringContaining('draws/s')]);
  });

  it('collects parts over several calls, and keeps what is unpacked', () => {
    const [first = '', ...others] = partsOf('tensorflow');
    const one = bring('one', [first, ...partsOf('app')]);
    expect(unpack(['add', one])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('node: 0 of 1 parts\ntensorflow: 1 of 3 parts\n'),
    });
    rmSync(one, { recursive: true });
    expect(unpack(['add', bring('two', [...others, ...partsOf('node')])])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^app: unpacked before\nnode: unpacked .*\ntensorflow: unpacked 3 parts/),
    });
  });

  it('refuses a damaged part and unpacks nothing of its archive', () => {
    const [first = '', ...others] = partsOf('tensorflow');
    const brought = bring('damaged', [first, ...others]);
    const bytes = readFileSync(join(brought, first));
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    writeFileSync(join(brought, first), bytes);
    const { status, stderr } = unpack(['add', brought]);
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^unpack: tensorflow\.tar\.xz\.000 expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}\. Bring it again\.\n$/,
    );
    expect(existsSync(join(unpacked, 'runtimes'))).toBe(false);
    expect(unpack(['add', packed]).status).toBe(0);
  });
});

describe('unpack.py libraries and run', () => {
  it('links exact and other versions, allows stubs by name, and reports the rest', () => {
    unpack(['add', packed]);
    const site = join(place, 'site');
    const libraries = join(site, 'nvidia', 'cu13', 'lib');
    mkdirSync(libraries, { recursive: true });
    cpSync(join(unpacked, 'app', 'empty.so'), join(libraries, 'libcublas.so.13'));
    const none = unpack(['libraries'], { PYTHONPATH: site });
    expect(none.stdout).toMatch(
      /^libcublas\.so\.12 +\S+libcublas\.so\.13 +opens\nlibcufft\.so\.11 +- +missing\n/,
    );
    expect(none.status).toBe(1);
    const stubs = unpack(['libraries', '--stubs', 'libcufft.so.11'], { PYTHONPATH: site });
    expect(stubs.stdout).toMatch(/\nlibcufft\.so\.11 +\S+empty\.so +opens\n/);
    cpSync(join(unpacked, 'app', 'empty.so'), join(libraries, 'libcublas.so.12'));
    unpack(['libraries'], { PYTHONPATH: site });
    expect(readlinkSync(join(unpacked, 'cuda', 'libcublas.so.12'))).toBe(join(libraries, 'libcublas.so.12'));
    const ran = unpack(['run', '--steps', 'suite', 'threads', '--', '--seconds', '1']);
    expect(ran.status).toBe(0);
    const [suite, threads] = ['cuda', 'threads'].map(
      (name) =>
        `${unpacked}/app/benchmark.mjs benchmark --force --seconds 1 --suite ${name} --json ${unpacked}/results/${name}.json`,
    );
    expect(ran.stdout).toContain(`== suite\n${suite}\n${unpacked}/cuda:${libraries}\n== suite: exit code 0`);
    expect(ran.stdout).toContain(`== threads\n${threads}\n`);
    expect(readFileSync(join(unpacked, 'results', 'suite.log'), 'utf8')).toContain(suite);
  });
});
