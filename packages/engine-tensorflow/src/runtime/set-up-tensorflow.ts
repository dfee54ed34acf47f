import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describeOtherWriters, recover, replaceFolder } from '@gru4rec/durable-files';
import { describeSetUp, folderName, ownPackage, type RuntimeCandidate } from './find-runtimes.ts';
import { DEFAULT_TENSORFLOW, nvidiaWheels, type PinnedWheel, pinnedTensorFlow } from './pinned-wheels.ts';
import { type Answer, probeRuntime } from './probe-runtime.ts';

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

const TFJS = '@tensorflow/tfjs-node';
const dependencies = { [TFJS]: '4.22.0', 'node-api-headers': '1.9.0' } as const;

/**
 * Sets up a TensorFlow runtime in a cache folder: tfjs-node from npm, whose addon is compiled for the native library of the
 * Python package, from pip. Multiplies two matrices with it. An existing runtime is kept if it works and replaced if it
 * does not.
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
  for (const library of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2']) {
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
  const own = /^npm_config_(?:.*workspace.*|prefix|global|location)$/i;
  const others = Object.entries(environment).filter(([name]) => !own.test(name));
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
  const libraries = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];
  await mkdir(output, { recursive: true });
  await run(
    `the compiler ${compiler.join(' ')}`,
    [
      ...compiler,
      ...['-shared', '-fPIC', '-O2', '-std=c++17', '-DNAPI_VERSION=8', '-DBUILDING_NODE_EXTENSION'],
      ...[...headers, directory].map((folder) => `-I${folder}`),
      ...sources.map((name) => join(binding, name)),
      ...libraries.map((name) => join(directory, 'deps', 'lib', name)),
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
