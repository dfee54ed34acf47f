import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { SetUpError } from '../../src/set-up/set-up-error.ts';
import { type SetUpOptions, setUpTensorFlow } from '../../src/set-up/set-up-tensorflow.ts';
import { fakeModule, makeFolder } from '../fake-runtime.ts';
import { type Fakes, fakeTools, tensorFlowFiles, wheel } from './fake-tools.ts';

const supported = process.platform === 'linux' && process.arch === 'x64';
const NAME = 'tensorflow-wheel-cpu-2.15.1-linux-x64';

/** A cache folder, and a function that sets up a runtime in it with fake tools. */
function useCache(fakes: Fakes = {}) {
  const [parent, toolFolder] = [makeFolder(), makeFolder()];
  const folder = join(parent, 'cache');
  const tools = fakeTools(toolFolder, fakes);
  const run = (options: Partial<SetUpOptions> = {}) =>
    setUpTensorFlow({ folder, tools, environment: process.env, ...options });
  const calls = () => readFileSync(join(toolFolder, 'log.txt'), 'utf8').trim().split('\n');
  return { folder, tools, run, calls };
}

const fail = (text: string) => `fail(${JSON.stringify(text)});`;

describe('setUpTensorFlow from wheel', () => {
  beforeEach((ctx) => {
    if (!supported) ctx.skip('the wheels are for Linux on x64');
  });

  it('builds a runtime with npm, pip and a compiler', async () => {
    const { folder, run, calls } = useCache();
    const lines: string[] = [];
    const { runtime, answer, created } = await run({ onProgress: (line) => lines.push(line) });
    expect({ answer, created }).toEqual({
      answer: { usesGpu: false, version: '4.22.0', tensorflowVersion: '2.15.1' },
      created: true,
    });
    expect(readdirSync(folder)).toEqual([NAME]);
    expect(readdirSync(join(folder, NAME)).sort()).toEqual(['node_modules', 'package.json', 'runtime.json']);
    const deps = join(runtime.directory, 'deps');
    const links = ['libtensorflow.so', 'libtensorflow_framework.so'];
    expect(readdirSync(join(deps, 'lib')).sort()).toEqual(
      [...links, 'libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'].sort(),
    );
    for (const link of links) expect(lstatSync(join(deps, 'lib', link)).isSymbolicLink()).toBe(true);
    expect(readdirSync(join(deps, 'include')).sort()).toEqual(['tensorflow', 'tsl']);
    expect(existsSync(join(runtime.directory, 'lib', 'napi-v8', 'tfjs_binding.node'))).toBe(true);
    const manifest = JSON.parse(readFileSync(join(folder, NAME, 'runtime.json'), 'utf8'));
    expect(manifest).toMatchObject({
      source: 'wheel',
      gpu: false,
      tensorflowVersion: '2.15.1',
      version: '4.22.0',
    });
    expect(Object.values(manifest.wheels)).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      ...['Installing', 'Downloading', 'Unpacking', 'Compiling', 'Multiplying'],
    ]);
    expect(calls().some((call) => call.includes('"--require-hashes"'))).toBe(true);
    expect(calls().find((call) => call.includes('"install"'))).toContain('"--ignore-scripts"');
    expect(calls().at(-1)).toContain('-rpath,$ORIGIN/../../deps/lib');
  });

  it('removes the files of a killed set-up, even if the runtime exists and works', async () => {
    const { folder, run } = useCache();
    const leftover = join(folder, `.${NAME}.work-aaaaaa`);
    for (const created of [true, false]) {
      mkdirSync(join(leftover, 'whole', 'node_modules'), { recursive: true });
      writeFileSync(join(leftover, 'lock'), '');
      expect(await run()).toMatchObject({ created });
      expect(readdirSync(folder)).toEqual([NAME]);
    }
  });

  it('runs npm without the settings that another npm passed to its script', async () => {
    const npmSettings = [
      'npm_config_workspace',
      'NPM_CONFIG_WORKSPACES',
      'npm_config_include_workspace_root',
    ];
    const elsewhere = ['npm_config_prefix', 'npm_config_global', 'npm_config_location'];
    const names = [...npmSettings, ...elsewhere, 'npm_config_registry'];
    const environment = { ...process.env, ...Object.fromEntries(names.map((name) => [name, 'true'])) };
    const seen = `${JSON.stringify(names)}.filter((name) => name in process.env)`;
    const { run } = useCache({ npm: `fail('npm error ' + ${seen});` });
    await expect(run({ environment })).rejects.toThrow(/node-api-headers 1\.9\.0: npm_config_registry$/);
  });

  it('checks all tools before it downloads anything', async () => {
    const { tools, run } = useCache();
    const lines: string[] = [];
    const without = { ...tools, compilers: [['no-such-c++']] as const };
    await expect(run({ tools: without, onProgress: (line) => lines.push(line) })).rejects.toThrow('C++');
    expect(lines).toEqual([]);
  });

  it('keeps a runtime that works', async () => {
    const { folder, run, calls } = useCache();
    await run();
    const { mtimeMs } = lstatSync(join(folder, NAME));
    const before = calls().length;
    expect(await run()).toMatchObject({ created: false, answer: { tensorflowVersion: '2.15.1' } });
    expect(calls()).toHaveLength(before);
    expect(lstatSync(join(folder, NAME)).mtimeMs).toBe(mtimeMs);
  });

  it('replaces a runtime that is half removed', async () => {
    const { folder, run } = useCache();
    const { runtime } = await run();
    rmSync(join(runtime.directory, 'index.js'));
    expect(await run()).toMatchObject({ created: true });
    expect(existsSync(join(runtime.directory, 'index.js'))).toBe(true);
    expect(readdirSync(folder)).toEqual([NAME]);
  });

  it('can run twice at the same time', async () => {
    const { folder, run } = useCache();
    const [first, second] = await Promise.all([run(), run()]);
    expect(first.runtime).toEqual(second.runtime);
    expect(readdirSync(folder)).toEqual([NAME]);
    expect(await run()).toMatchObject({ created: false });
  });

  it.each<[string, Fakes, string | RegExp]>([
    [
      'no such version',
      {
        pip: fail(
          'ERROR: Could not find a version that satisfies the requirement tensorflow-cpu==2.15.1 (from versions: 2.13.0, 2.14.0rc1, 2.14.0, 2.14.1, 2.15.0, 2.16.1)\nERROR: No matching distribution found for tensorflow-cpu==2.15.1',
        ),
      },
      'there is no tensorflow-cpu 2.15.1 for CPython 3.11 on Linux x86-64. The newest are 2.14.0, 2.14.1, 2.15.0, 2.16.1.',
    ],
    [
      'a file that is not the published one',
      {
        pip: fail(
          `ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.\n    tensorflow-cpu==2.15.1:\n        Expected sha256 ${'a'.repeat(64)}\n             Got        ${'b'.repeat(64)}`,
        ),
      },
      `the index gave a file with SHA-256 ${'b'.repeat(64)} for tensorflow-cpu 2.15.1, expected ${'a'.repeat(64)}. It is not the published file: ask the operator of the index.`,
    ],
    [
      'no network for pip',
      { pip: fail('WARNING: Retrying\nERROR: HTTPSConnectionPool: Max retries exceeded') },
      'pip ended with exit code 1 when downloading tensorflow-cpu 2.15.1: ERROR: HTTPSConnectionPool: Max retries exceeded',
    ],
    ['a pip that gives nothing', { pip: 'process.exit(0);' }, 'expected 1 wheels from pip, got 0.'],
    [
      'no network for npm',
      {
        npm: fail(
          'npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error network request failed',
        ),
      },
      'npm ended with exit code 1 when installing @tensorflow/tfjs-node 4.22.0, node-api-headers 1.9.0: network request failed',
    ],
    [
      'a version that npm does not know',
      { npm: fail('npm error code ETARGET\nnpm error notarget No matching version found') },
      'npm does not find @tensorflow/tfjs-node 4.22.0, node-api-headers 1.9.0. Name a version that exists.',
    ],
    [
      'a compiler that fails',
      {
        compiler: fail(
          'In file included from x:\nx.cc:1:10: fatal error: y.h: No such file\ncompilation ended',
        ),
      },
      /the compiler .*compiler\.cjs failed: x\.cc:1:10: fatal error: y\.h: No such file$/,
    ],
    [
      'a full disk',
      {
        pip: `fail('ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device');`,
      },
      'pip ended with exit code 1 when downloading tensorflow-cpu 2.15.1: ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device',
    ],
    [
      'a wheel without libraries',
      {
        wheels: {
          'tensorflow-cpu': wheel('x', { 'tensorflow/__init__.py': '', 'x.dist-info/METADATA': '' }),
        },
      },
      'tensorflow-cpu-2.15.1-py3-none-any.whl expected libtensorflow_cc.so.2 and libtensorflow_framework.so.2, got a wheel without them. Choose another version.',
    ],
    [
      'a wheel that was tampered with',
      {
        wheels: {
          'tensorflow-cpu': wheel('x', tensorFlowFiles, {
            ...tensorFlowFiles,
            'tensorflow/libtensorflow_cc.so.2': 'as published',
          }),
        },
      },
      /expected SHA-256 [\w-]{43} of tensorflow\/libtensorflow_cc\.so\.2, got [\w-]{43}\. Set it up again\.$/,
    ],
    [
      'a library that does not load',
      { module: 'throw new Error("version GLIBC_2.99 not found");' },
      'the runtime was built, but does not run: version GLIBC_2.99 not found',
    ],
    [
      'a wrong product',
      { module: fakeModule().replace('x[2 * row] *', '0 *') },
      'the runtime was built, but does not run: it multiplied two matrices to 6,8,12,16, not 7,10,15,22',
    ],
  ])('says so at %s, and leaves nothing', async (_name, fakes, message) => {
    const { folder, run } = useCache(fakes);
    mkdirSync(folder);
    writeFileSync(join(folder, 'own.txt'), 'own');
    const error: unknown = await run().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SetUpError);
    if (typeof message === 'string') expect(error).toHaveProperty('message', `setUpTensorFlow: ${message}`);
    else expect(error).toHaveProperty('message', expect.stringMatching(message));
    expect(readdirSync(folder)).toEqual(['own.txt']);
  });

  it.each([
    ['npm', { npm: ['no-such-npm'] }, 'npm cannot be run as no-such-npm. Install npm.'],
    [
      'pip',
      {
        pip: [
          ['no-such-python', '-m', 'pip'],
          [process.execPath, '/no/such/pip.cjs'],
        ],
      },
      /no pip runs here; tried no-such-python -m pip, .* Install Python with pip\.$/,
    ],
    [
      'a compiler',
      { compilers: [['no-such-c++'], ['no-such-clang']] },
      'no C++ compiler runs here; tried no-such-c++, no-such-clang. Install g++ or clang, or name one in CXX.',
    ],
  ] as const)('says that %s is missing', async (_name, missing, message) => {
    const { folder, tools, run } = useCache();
    await expect(run({ tools: { ...tools, ...missing } as typeof tools })).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('requests other versions from pip without a hash', async () => {
    const { folder, run, calls } = useCache();
    await run({ version: '2.16.1' });
    expect(readdirSync(folder)).toEqual(['tensorflow-wheel-cpu-2.16.1-linux-x64']);
    expect(calls().some((call) => call.includes('--require-hashes'))).toBe(false);
  });
});

describe('setUpTensorFlow from official', () => {
  it('runs the install script of only that package', async () => {
    const { folder, run, calls } = useCache();
    const { runtime } = await run({ from: 'official' });
    expect(runtime.packageName).toBe('@tensorflow/tfjs-node');
    expect(readdirSync(folder)).toEqual([
      `tensorflow-official-cpu-4.22.0-${process.platform}-${process.arch}`,
    ]);
    const [install, rebuild, ...others] = calls().map((call) => JSON.parse(call) as string[]);
    expect(install).toContain('--ignore-scripts');
    expect(rebuild?.slice(0, 3)).toEqual(['rebuild', '@tensorflow/tfjs-node', '--ignore-scripts=false']);
    expect(others).toEqual([]);
  });

  it('recommends the wheel if the download fails', async () => {
    const said = 'node:events\nError: getaddrinfo ENOTFOUND downloads.example\n    at x\nnpm error code 1';
    const { folder, run } = useCache({ npm: `if (args[0] === 'rebuild') ${fail(said)}` });
    await expect(run({ from: 'official', version: '4.21.0' })).rejects.toThrow(
      new SetUpError(
        'setUpTensorFlow: the install script of @tensorflow/tfjs-node 4.21.0 failed: getaddrinfo ENOTFOUND downloads.example. ' +
          'It downloads from servers other than npm, which are often unreachable. Set it up from wheel instead (--from wheel).',
      ),
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('setUpTensorFlow', () => {
  it.each(['', 'latest', '2', '../x', '2.15.1/..'])('refuses version %j', async (version) => {
    const { folder, run } = useCache();
    await expect(run({ version })).rejects.toThrow(
      new SetUpError(`setUpTensorFlow: version expected one such as 2.15.1, got ${JSON.stringify(version)}.`),
    );
    expect(existsSync(folder)).toBe(false);
  });

  it('says that the folder cannot be created', async () => {
    const { run } = useCache();
    const file = join(makeFolder(), 'file');
    writeFileSync(file, '');
    await expect(run({ from: 'official', folder: join(file, 'cache') })).rejects.toThrow(
      `setUpTensorFlow: the folder ${join(file, 'cache')} cannot be created.`,
    );
  });
});
