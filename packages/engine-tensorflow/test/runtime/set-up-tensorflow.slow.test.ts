import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  nvidiaWheels,
  pinnedTensorFlow,
  SetUpError,
  type SetUpOptions,
  setUpTensorFlow,
} from '../../src/runtime/set-up-tensorflow.ts';
import { fakeModule, makeFolder } from './fake-runtime.ts';

const supported = process.platform === 'linux' && process.arch === 'x64';
const NAME = 'tensorflow-wheel-cpu-2.15.1-linux-x64';

const libraries = ['tensorflow/libtensorflow_cc.so.2', 'tensorflow/libtensorflow_framework.so.2'];
const METADATA = [
  'Requires-Dist: numpy >=1',
  "Requires-Dist: nvidia-cudnn-cu12 (==8.9.9.9) ; extra == 'and-cuda'",
].join('\n');

/** Code that fake tools run in place of, or before, what they usually do. */
interface Fakes {
  readonly npm?: string;
  readonly pip?: string;
  readonly compiler?: string;
  /** The package that npm installs. */
  readonly module?: string;
  /** The files of the wheels that pip installs. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Writes an npm, a python3 and a c++ that print and write the same as the real ones, and log their arguments. */
function writeTools(folder: string, { npm = '', pip = '', compiler = '', module, files }: Fakes): void {
  const tool = (name: string, code: string) => {
    const head = `#!${process.execPath}
      const fs = require('fs'), path = require('path'), [, , ...args] = process.argv;
      const fail = (text) => { console.error(text); process.exit(1); };
      const write = (file, text) => { fs.mkdirSync(path.dirname(file), { recursive: true }); fs.writeFileSync(file, text); };
      fs.appendFileSync(${JSON.stringify(join(folder, 'log.txt'))}, JSON.stringify([${JSON.stringify(name)}, ...args]) + '\\n');
      if (args.at(-1) === '--version') process.exit(0);`;
    writeFileSync(join(folder, name), head + code, { mode: 0o755 });
  };
  const wheels = files ?? {
    ...Object.fromEntries(libraries.map((path) => [path, 'library'])),
    'tensorflow/include/tensorflow/c/c_api.h': '// not kept',
    'tensorflow-2.15.1.dist-info/METADATA': METADATA,
    'nvidia/cudnn/lib/libcudnn.so.8': 'cudnn',
    'nvidia/cudnn/include/cudnn.h': '// not needed',
  };
  tool(
    'npm',
    `${npm}
    const { dependencies } = JSON.parse(fs.readFileSync('package.json', 'utf8'));
    for (const [name, version] of Object.entries(dependencies)) {
      const directory = path.join('node_modules', name);
      write(path.join(directory, 'package.json'), JSON.stringify({ name, version, main: 'index.js' }));
      write(path.join(directory, 'index.js'), ${JSON.stringify(module ?? fakeModule())});
      write(path.join(directory, 'binding', 'tfjs.cc'), '');
    }`,
  );
  tool(
    'python3',
    `${pip}
    const target = args.find((arg) => arg.startsWith('--target=')).slice(9);
    for (const [name, text] of Object.entries(${JSON.stringify(wheels)})) write(path.join(target, name), text);`,
  );
  tool('c++', `${compiler} fs.writeFileSync(args[args.indexOf('-o') + 1], 'addon');`);
}

/** A cache folder, and a function that sets up a runtime in it with fake tools. */
function useCache(fakes: Fakes = {}) {
  const [folder, tools] = [join(makeFolder(), 'cache'), makeFolder()];
  writeTools(tools, fakes);
  const environment: Record<string, string | undefined> = { ...process.env, PATH: tools };
  const run = (options: Partial<SetUpOptions> = {}) => setUpTensorFlow({ folder, environment, ...options });
  const calls = () => readFileSync(join(tools, 'log.txt'), 'utf8').trim().split('\n');
  return { folder, tools, environment, run, calls };
}

const fail = (text: string) => `fail(${JSON.stringify(text)});`;

describe('setUpTensorFlow', () => {
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
    expect(readdirSync(join(folder, NAME)).sort()).toEqual(['node_modules', 'package.json']);
    expect(readdirSync(join(runtime.directory, 'deps'), { recursive: true }).sort()).toEqual([
      'lib',
      'lib/libtensorflow_cc.so.2',
      'lib/libtensorflow_framework.so.2',
    ]);
    expect(existsSync(join(runtime.directory, 'lib', 'napi-v8', 'tfjs_binding.node'))).toBe(true);
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      ...['Installing', 'Downloading', 'Compiling', 'Multiplying'],
    ]);
    expect(calls().find((call) => call.includes('"npm"'))).toContain('"--ignore-scripts"');
    expect(calls().at(-1)).toContain('-rpath,$ORIGIN/../../deps/lib');
  });

  it('pins the hash of the default version, and no other', async () => {
    const { tools, run } = useCache({ pip: "fail(fs.readFileSync(args.at(-1).slice(14), 'utf8').trim());" });
    const { sha256 } = pinnedTensorFlow.cpu;
    await expect(run()).rejects.toThrow(`tensorflow-cpu==2.15.1 --hash=sha256:${sha256}`);
    await expect(run({ version: '2.16.1' })).rejects.toThrow(/tensorflow-cpu==2\.16\.1$/);
    expect(readdirSync(tools)).toContain('log.txt');
  });

  it('puts the CUDA libraries where TensorFlow looks for them', async () => {
    const { folder, run, calls } = useCache();
    const { runtime } = await run({ gpu: true, version: '2.16.1' });
    expect(readdirSync(folder)).toEqual(['tensorflow-wheel-gpu-2.16.1-linux-x64']);
    const nvidia = join(runtime.directory, 'deps', 'nvidia');
    expect(readdirSync(nvidia, { recursive: true }).sort()).toEqual([
      ...['cudnn', 'cudnn/lib', 'cudnn/lib/libcudnn.so.8'],
    ]);
    expect(calls().filter((call) => call.includes('--target='))).toHaveLength(2);
  });

  it('runs npm without the settings that another npm passed to its script', async () => {
    const names = [
      ...['npm_config_workspace', 'NPM_CONFIG_WORKSPACES', 'npm_config_include_workspace_root'],
      ...['npm_config_prefix', 'npm_config_global', 'npm_config_location', 'npm_config_registry'],
    ];
    const seen = `${JSON.stringify(names)}.filter((name) => name in process.env)`;
    const { run, environment } = useCache({ npm: `fail('npm error ' + ${seen});` });
    const given = { ...environment, ...Object.fromEntries(names.map((name) => [name, 'true'])) };
    await expect(run({ environment: given })).rejects.toThrow(/npm error npm_config_registry$/);
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

  it('ends its tools with this process', async () => {
    const { run } = useCache({ npm: 'setTimeout(() => {}, 60_000); return;' });
    const before = process.listeners('exit');
    const added = () => process.listeners('exit').filter((listener) => !before.includes(listener));
    const failed = expect(run()).rejects.toThrow('npm ended with exit code 1: ended with SIGTERM');
    const end = setInterval(() => added().length > 0 && added().at(-1)?.call(process, 0), 1000);
    await failed.finally(() => clearInterval(end));
    expect(added()).toEqual([]);
  });

  it.each<[string, Fakes, string | RegExp]>([
    [
      'a version that does not exist',
      { pip: fail('WARNING: x\nERROR: Could not find a version that satisfies the requirement y\nERROR: z') },
      'pip ended with exit code 1: ERROR: Could not find a version that satisfies the requirement y',
    ],
    [
      'a network that does not answer',
      {
        npm: fail(
          'npm error code ENOTFOUND\nnpm error syscall getaddrinfo\nnpm error network request failed',
        ),
      },
      'npm ended with exit code 1: npm error network request failed',
    ],
    [
      'a compiler that fails',
      { compiler: fail('In file included from x:\nx.cc:1:10: fatal error: y.h: No such file\nended') },
      /^setUpTensorFlow: the compiler c\+\+ ended with exit code 1: x\.cc:1:10: fatal error: y\.h: No such file$/,
    ],
    [
      'a wheel without libraries',
      { files: { 'tensorflow/__init__.py': '' } },
      'tensorflow-cpu 2.15.1 expected libtensorflow_cc.so.2, got none. Choose another version.',
    ],
    [
      'a library that does not load',
      { module: 'throw new Error("version GLIBC_2.99 not found");' },
      'the runtime was built, but does not run: version GLIBC_2.99 not found',
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
    ['npm', 'npm cannot be run: spawn npm ENOENT'],
    ['python3', 'no pip runs here; tried python3 -m pip, pip3, pip. Install Python with pip.'],
    ['c++', 'no C++ compiler runs here; tried c++, g++, clang++. Install g++ or clang, or name one in CXX.'],
  ])('says that %s is missing', async (tool, message) => {
    const { folder, tools, run } = useCache();
    rmSync(join(tools, tool));
    await expect(run()).rejects.toThrow(new SetUpError(`setUpTensorFlow: ${message}`));
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says that the folder cannot be created', async () => {
    const file = join(makeFolder(), 'file');
    writeFileSync(file, '');
    await expect(useCache().run({ folder: join(file, 'cache') })).rejects.toThrow(
      `setUpTensorFlow: the runtime cannot be written to ${join(realpathSync(file), 'cache')}.`,
    );
  });
});

it('reads both spellings of a requirement of CUDA and leaves the compiler out', () => {
  const metadata = [
    'Requires-Dist: numpy (<2.0.0,>=1.23.5)',
    "Requires-Dist: nvidia-cublas-cu12 (==12.2.5.6) ; extra == 'and-cuda'",
    'Requires-Dist: nvidia-nccl-cu12==2.99.1; extra == "and-cuda"',
    "Requires-Dist: nvidia-cuda-nvcc-cu12 (==12.2.140) ; extra == 'and-cuda'",
    "Requires-Dist: nvidia-other-cu12 (==1.0) ; extra == 'test'",
  ].join('\n');
  const sha256 = expect.stringMatching(/^[0-9a-f]{64}$/);
  expect(nvidiaWheels(metadata)).toEqual([
    { name: 'nvidia-cublas-cu12', version: '12.2.5.6', sha256 },
    { name: 'nvidia-nccl-cu12', version: '2.99.1', sha256: undefined },
  ]);
});
