import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describeOtherWriters, recover, replaceFolder } from '@gru4rec/durable-files';
import { describeSetUp, folderName, ownPackage, type RuntimeCandidate } from './find-runtimes.ts';
import { type Answer, probeRuntime } from './load-tensorflow.ts';

/** Which runtime to set up, where and how. */
export interface SetUpOptions {
  /** Cache folder, created if it does not exist. */
  readonly folder: string;
  /**
   * `process.env`. The tools get it, except npm's settings for workspaces and global packages. `CXX` may name the
   * compiler and its options.
   */
  readonly environment: Environment;
  /** Whether to build for a GPU. Default: false. */
  readonly gpu?: boolean | undefined;
  /** Version of TensorFlow, such as the default: 2.15.1. */
  readonly version?: string | undefined;
  /** Called at each step with one line that describes it. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A working runtime in the cache folder. */
export interface SetUp {
  readonly runtime: RuntimeCandidate;
  /** What it reported when it multiplied two matrices. */
  readonly answer: Answer;
  /** False if it existed already. */
  readonly created: boolean;
}

/** A runtime could not be set up, and the cache folder is unchanged. The message says what is missing and what to do. */
export class SetUpError extends Error {
  override readonly name = 'SetUpError';
}

interface PinnedWheel {
  readonly name: string;
  readonly version: string;
  /** Expected hash. Undefined if the user chose the version, whose hash is not known here. */
  readonly sha256?: string | undefined;
}

/** Default version of TensorFlow. */
const DEFAULT_TENSORFLOW = '2.15.1';

/** The wheels of the default version for CPython 3.11 on x86-64, from pip's `--report`. */
export const pinnedTensorFlow: Readonly<Record<'cpu' | 'gpu', PinnedWheel>> = {
  cpu: {
    name: 'tensorflow-cpu',
    version: DEFAULT_TENSORFLOW,
    sha256: '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26',
  },
  gpu: {
    name: 'tensorflow',
    version: DEFAULT_TENSORFLOW,
    sha256: 'bb0edd69103c154245c5f209f0507355cc68ba7e4de350084bc31edc562478e4',
  },
};

/** SHA-256 of the NVIDIA wheels that the default version requires, by name and version. */
const nvidiaHashes: Readonly<Record<string, string>> = {
  'nvidia-cublas-cu12==12.2.5.6': 'f448d8db463f9a2c7dd9a1e607c0961d3e95f825b86839c5882f7d073d406df0',
  'nvidia-cuda-cupti-cu12==12.2.142': 'ce68d1009dd14215e38ed49643d31374c71d6fea381181cb0b9da7f19dfd1624',
  'nvidia-cuda-nvrtc-cu12==12.2.140': 'b1cdcae6443cb7cdcfb5d1bf51896a148c9f82f9e65b27db9ab095eaed689aa7',
  'nvidia-cuda-runtime-cu12==12.2.140': 'acb9cb7e44594a3512533497ea790d9f0b0e399abcc888584c157d1ffa080e41',
  'nvidia-cudnn-cu12==8.9.4.25': '9f882d5b11753c566fd32427839089eb4f8ba7a58c28446ad359e32c40229723',
  'nvidia-cufft-cu12==11.0.8.103': '72e961e578f9be9e316ccb4db8652c421dd0b57442624faa71061d452f449a67',
  'nvidia-curand-cu12==10.3.3.141': '7b6bad6817b5df2a6f5ec221206fb895d9195fdd7d2443f3e86554108c141a0a',
  'nvidia-cusolver-cu12==11.5.2.141': '5a85c4653ce34339a5688137f494a0f903e0f0532418550998167f00844161da',
  'nvidia-cusparse-cu12==12.1.2.141': '4e13d6a51d2303dcb2a023ba09546811161f0334fc64e13689397bbd3b1eb126',
  'nvidia-nccl-cu12==2.16.5': '84695a4248138fb2ca12f5fd3defe986e790e71ccdaad51b2ca34ca4e83ef421',
  'nvidia-nvjitlink-cu12==12.2.140': '95635cafbf9f96c38bea5200ab145a2e6aefbb5405e0b04c1e4ba54df2d84ec9',
};

const TFJS = '@tensorflow/tfjs-node';
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
const dependencies = { [TFJS]: '4.22.0', 'node-api-headers': '1.9.0' } as const;

/**
 * Sets up a TensorFlow runtime in a cache folder: tfjs-node from npm, whose addon is compiled for the native library of the
 * Python package, from pip. An existing runtime is kept if it works.
 *
 * @throws SetUpError saying what is missing or what failed. The folder is then unchanged.
 */
export async function setUpTensorFlow(options: SetUpOptions): Promise<SetUp> {
  const { gpu = false, version = DEFAULT_TENSORFLOW } = options;
  const platforms = wheelPlatforms();
  const folder = resolve(options.folder);
  const place = join(folder, folderName(gpu, version));
  try {
    await mkdir(folder, { recursive: true });
    await recover(place);
    const present = describeSetUp(place);
    const probed = present && probeRuntime(present);
    if (probed?.works) return { runtime: present as RuntimeCandidate, answer: probed.answer, created: false };
    const problem = describeOtherWriters(folder, ownPackage);
    if (problem !== undefined) throw new SetUpError(`setUpTensorFlow: ${problem}, or name another folder.`);
    const answer = await replaceFolder(place, {}, (result, scratch) => {
      return build({ ...options, gpu, version, platforms, result, scratch });
    });
    return { runtime: describeSetUp(place) as RuntimeCandidate, answer, created: true };
  } catch (cause) {
    if (cause instanceof SetUpError) throw cause;
    throw new SetUpError(`setUpTensorFlow: the runtime cannot be written to ${folder}.`, { cause });
  }
}

/** Platform tags of the wheels that run here: those for this glibc or an older one. */
function wheelPlatforms(): string[] {
  const report = process.report.getReport() as { readonly header?: { glibcVersionRuntime?: string } };
  const glibc = report.header?.glibcVersionRuntime ?? 'no glibc';
  const minor = Number(/^2\.(\d+)/.exec(glibc)?.[1] ?? 0);
  if (process.platform === 'linux' && process.arch === 'x64' && minor >= 17) {
    const minors = Array.from({ length: minor - 4 }, (_, i) => minor - i);
    const older = ['manylinux2014_x86_64', 'manylinux2010_x86_64', 'manylinux1_x86_64'];
    return [...minors.map((each) => `manylinux_2_${each}_x86_64`), ...older];
  }
  throw new SetUpError(
    `setUpTensorFlow: expected Linux on x64 with glibc 2.17 or newer, got ${process.platform} on ${process.arch} with ${glibc}. ` +
      `Run npm install ${TFJS} beside gru4rec, which has libraries for other systems, or compute on engine wasm.`,
  );
}

interface Build extends SetUpOptions {
  readonly gpu: boolean;
  readonly version: string;
  readonly platforms: readonly string[];
  readonly result: string;
  /** Folder for what is not part of the runtime. */
  readonly scratch: string;
}

async function build(options: Build): Promise<Answer> {
  const { environment, gpu, version, result, scratch, onProgress = () => {} } = options;
  const where = { folder: result, environment: environmentOfTools(environment, scratch) };
  // Looked for first, so that nothing is downloaded if one is missing.
  const pip = await firstThatRuns('pip', [['python3', '-m', 'pip'], ['pip3'], ['pip']], where);
  const named = environment['CXX']?.trim().split(/\s+/) ?? [];
  const compilers = named[0] ? [named] : [['c++'], ['g++'], ['clang++']];
  const compiler = await firstThatRuns('C++ compiler', compilers, where);
  const packages = Object.entries(dependencies).map(([name, packageVersion]) => `${name} ${packageVersion}`);
  onProgress(`Installing ${packages.join(', ')} with npm, without their scripts`);
  await writeFile(join(result, 'package.json'), `${JSON.stringify({ private: true, dependencies })}\n`);
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  await run('npm', ['npm', 'install', '--ignore-scripts', ...quiet], where);

  const directory = join(result, 'node_modules', TFJS);
  const deps = join(directory, 'deps');
  await mkdir(join(deps, 'lib'), { recursive: true });
  const pinned = pinnedTensorFlow[gpu ? 'gpu' : 'cpu'];
  const wheel = version === DEFAULT_TENSORFLOW ? pinned : { name: pinned.name, version };
  const install = (name: string, wheels: readonly PinnedWheel[]) => {
    const titles = wheels.map((each) => `${each.name} ${each.version}`);
    onProgress(`Downloading ${titles.join(', ')} with pip`);
    return installWheels(pip, wheels, { ...options, ...where, target: join(scratch, name) });
  };
  const site = await install('tensorflow', [wheel]);
  for (const library of LIBRARIES) {
    const file = join(site, 'tensorflow', library);
    if (existsSync(file)) await rename(file, join(deps, 'lib', library));
    else refuse(`${wheel.name} ${version} expected ${library}, got none. Choose another version.`);
  }
  if (gpu) {
    const wheels = nvidiaWheels(await metadataOf(site));
    if (wheels.length === 0) {
      refuse(`tensorflow ${version} expected CUDA in its extra and-cuda, got none. Choose 2.15 or newer.`);
    }
    await moveLibraries(join(await install('nvidia', wheels), 'nvidia'), join(deps, 'nvidia'));
  }
  onProgress(`Compiling the addon with ${compiler.join(' ')}`);
  const headers = join(result, 'node_modules', 'node-api-headers', 'include');
  await compileAddon(compiler, [headers, join(site, 'tensorflow', 'include')], { ...where, directory });
  onProgress('Multiplying two matrices with it');
  const probed = probeRuntime({ directory });
  return probed.works ? probed.answer : refuse(`the runtime was built, but does not run: ${probed.problem}`);
}

/** Temporary files on the cache's disk, and no npm variables: npm would look for the workspace here, or install elsewhere. */
function environmentOfTools(environment: Environment, scratch: string): Environment {
  const inherited = /^npm_config_(?:.*workspace.*|prefix|global|location)$/i;
  const others = Object.entries(environment).filter(([name]) => !inherited.test(name));
  // pip refuses a target folder together with a setting that installs for the user.
  return { ...Object.fromEntries(others), TMPDIR: scratch, PIP_USER: '0' };
}

interface Installation extends Where {
  readonly platforms: readonly string[];
  readonly target: string;
}

/** Installs wheels for CPython 3.11 without running their code. If all hashes are known, pip refuses any other file. */
async function installWheels(
  pip: readonly string[],
  wheels: readonly PinnedWheel[],
  { platforms, target, ...where }: Installation,
): Promise<string> {
  const pinned = wheels.every(({ sha256 }) => sha256 !== undefined);
  const requirements = wheels.map(({ name, version, sha256 }) => {
    return `${name}==${version}${pinned ? ` --hash=sha256:${sha256}` : ''}\n`;
  });
  await writeFile(`${target}.txt`, requirements.join(''));
  const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar=off', '--no-compile'];
  const python = ['--implementation=cp', '--python-version=3.11', '--abi=cp311'];
  const files = ['--no-deps', '--only-binary=:all:', ...platforms.map((name) => `--platform=${name}`)];
  const list = [`--target=${target}`, `--requirement=${target}.txt`];
  await run('pip', [...pip, 'install', ...quiet, ...python, ...files, ...list], where);
  return target;
}

async function metadataOf(site: string): Promise<string> {
  const info = (await readdir(site)).find((name) => /^tensorflow-.*\.dist-info$/.test(name)) ?? '';
  return readFile(join(site, info, 'METADATA'), 'utf8');
}

/** Keeps the layout of `site-packages`: the RUNPATH of TensorFlow's library has `$ORIGIN/../nvidia/cudnn/lib` and so on. */
async function moveLibraries(from: string, to: string): Promise<void> {
  for (const name of await readdir(from)) {
    if (!existsSync(join(from, name, 'lib'))) continue;
    await mkdir(join(to, name), { recursive: true });
    await rename(join(from, name, 'lib'), join(to, name, 'lib'));
  }
}

/** With the options of tfjs-node's `binding.gyp`, but without node-gyp, which downloads Node's own headers. */
async function compileAddon(
  compiler: readonly string[],
  headers: readonly string[],
  { directory, ...where }: Where & { readonly directory: string },
): Promise<void> {
  const [binding, output] = [join(directory, 'binding'), join(directory, 'lib', 'napi-v8')];
  const sources = (await readdir(binding)).filter((name) => name.endsWith('.cc')).sort();
  await mkdir(output, { recursive: true });
  await run(
    `the compiler ${compiler.join(' ')}`,
    [
      ...compiler,
      ...['-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION'],
      ...[...headers, directory].map((folder) => `-I${folder}`),
      ...sources.map((name) => join(binding, name)),
      ...LIBRARIES.map((name) => join(directory, 'deps', 'lib', name)),
      // Relative to the addon, so that the folder can be renamed.
      '-Wl,-rpath,$ORIGIN/../../deps/lib',
      ...['-o', join(output, 'tfjs_binding.node')],
    ],
    where,
  );
}

interface Where {
  readonly folder: string;
  readonly environment: Environment;
}

/** The first command that runs with `--version`. */
async function firstThatRuns(
  kind: 'pip' | 'C++ compiler',
  commands: readonly (readonly string[])[],
  where: Where,
): Promise<readonly string[]> {
  for (const command of commands) {
    if ((await runToEnd([...command, '--version'], where)).status === 0) return command;
  }
  const tried = commands.map((command) => command.join(' ')).join(', ');
  const advice = kind === 'pip' ? 'Install Python with pip' : 'Install g++ or clang, or name one in CXX';
  return refuse(`no ${kind} runs here; tried ${tried}. ${advice}.`);
}

/** A line of npm, pip or a compiler that says what failed. */
const reason =
  /^npm (?:error|ERR!) (?!code |errno |path |syscall |A complete log)|^ERROR: |\berror: |undefined reference/;

/** @throws SetUpError with the line that says what failed. */
async function run(name: string, command: readonly string[], where: Where): Promise<void> {
  const { status, output } = await runToEnd(command, where);
  if (status === 0) return;
  const lines = output.split('\n').map((line) => line.trim());
  const line = lines.find((text) => reason.test(text)) ?? lines.findLast((text) => text !== '');
  const ended = status === undefined ? 'cannot be run' : `ended with exit code ${status}`;
  refuse(`${name} ${ended}: ${(line ?? 'it printed nothing').slice(0, 300)}`);
}

function refuse(why: string): never {
  throw new SetUpError(`setUpTensorFlow: ${why}`);
}

/** Without a shell; it ends with this process. The exit code is undefined if the program does not exist. */
function runToEnd([file = '', ...args]: readonly string[], { folder, environment }: Where) {
  return new Promise<{ readonly status: number | undefined; readonly output: string }>((settle) => {
    const child = spawn(file, args, { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const end = () => child.kill('SIGTERM');
    process.on('exit', end);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    const finish = (status: number | undefined, more = '') => {
      process.off('exit', end);
      settle({ status, output: output + more });
    };
    child.on('error', ({ message }) => finish(undefined, message));
    child.on('close', (code, signal) => finish(code ?? 1, signal === null ? '' : `\nended with ${signal}`));
  });
}

/** Those of the wheel's extra `and-cuda` by its METADATA, without the compiler `nvcc`, which only XLA uses. */
export function nvidiaWheels(metadata: string): PinnedWheel[] {
  const pattern = /^Requires-Dist: (nvidia-[\w-]+) ?\(?==([\w.]+)\)?.*extra == ['"]and-cuda['"]/gm;
  return [...metadata.matchAll(pattern)]
    .map(([, name = '', version = '']) => ({ name, version, sha256: nvidiaHashes[`${name}==${version}`] }))
    .filter(({ name }) => !name.startsWith('nvidia-cuda-nvcc'));
}
