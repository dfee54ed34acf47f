import { join, resolve } from 'node:path';
import { recover, replaceFolder } from '@gru4rec/durable-files';
import { describeSetUp } from '../find-runtimes.ts';
import { type Answer, probeRuntime } from '../probe-runtime.ts';
import type { RuntimeCandidate } from '../runtime-candidate.ts';
import { folderName, type RuntimeKind, type RuntimeSource, writeManifest } from '../runtime-manifest.ts';
import { type Build, type Built, buildFromWheel } from './build-from-wheel.ts';
import { buildOfficial } from './build-official.ts';
import { DEFAULT_TENSORFLOW, NPM_VERSIONS } from './pinned-wheels.ts';
import { prepareFolder, wheelPlatform } from './platform.ts';
import { type Environment, withoutNpmsOwn } from './run-command.ts';
import { SetUpError } from './set-up-error.ts';
import { defaultTools, type Tools } from './tools.ts';

/** Which runtime to set up, where and how. */
export interface SetUpOptions {
  /** Cache folder, created if it does not exist. */
  readonly folder: string;
  /** `process.env`. It is passed to the tools, except npm's settings for workspaces and global packages. */
  readonly environment: Environment;
  /** Whether to build for a GPU. Default: false. */
  readonly gpu?: boolean | undefined;
  /** Default: `wheel`. */
  readonly from?: RuntimeSource | undefined;
  /** Version of TensorFlow for a wheel (default: 2.15.1), of tfjs-node for the official library (default: 4.22.0). */
  readonly version?: string | undefined;
  /** Programs to use instead of the default ones. */
  readonly tools?: Partial<Tools> | undefined;
  /** Called at each step with one line that describes it. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

/** A working runtime in the cache folder. */
export interface SetUp {
  readonly runtime: RuntimeCandidate;
  /** What it reported when it multiplied two matrices. */
  readonly answer: Answer;
  /** False if it existed already. */
  readonly created: boolean;
}

/**
 * Sets up a TensorFlow runtime in a cache folder and tests it by multiplying two matrices. An existing runtime is kept
 * if it works and replaced if it does not.
 *
 * @throws SetUpError saying what is missing or what failed. The folder is then unchanged.
 */
export async function setUpTensorFlow(options: SetUpOptions): Promise<SetUp> {
  const { gpu = false, from: source = 'wheel', onProgress = () => {} } = options;
  const version = options.version ?? (source === 'wheel' ? DEFAULT_TENSORFLOW : NPM_VERSIONS.tfjsNode);
  if (!/^\d+\.\d+\.\d+(?:[\w.-]*)$/.test(version)) {
    throw new SetUpError(
      `setUpTensorFlow: version expected one such as 2.15.1, got ${JSON.stringify(version)}.`,
    );
  }
  const glibcMinor = source === 'wheel' ? wheelPlatform() : 0;
  const folder = resolve(options.folder);
  const kind: RuntimeKind = { source, gpu, version };
  const name = folderName(kind);
  const place = join(folder, name);
  await recover(place);
  const present = await findWorking(place);
  if (present) return present;
  await prepareFolder(folder, gpu ? 'gpu' : 'cpu');
  const environment = withoutNpmsOwn(options.environment);
  const answer = await replaceFolder(place, {}, async (result, scratch) => {
    const tools = { ...defaultTools, ...options.tools };
    const build: Build = { gpu, version, tools, where: { folder: result, environment }, scratch, onProgress };
    const built = source === 'wheel' ? await buildFromWheel(build, glibcMinor) : await buildOfficial(build);
    onProgress('Multiplying two matrices with it');
    return testAndDescribe(result, kind, built);
  }).catch((error: unknown) => {
    if (error instanceof SetUpError) throw error;
    throw new SetUpError(`setUpTensorFlow: the runtime cannot be written to ${folder}.`, { cause: error });
  });
  return { runtime: describeSetUp(place), answer, created: true };
}

/** The runtime of a folder, undefined if there is none or it does not work. */
async function findWorking(folder: string): Promise<SetUp | undefined> {
  const runtime = describeSetUp(folder);
  const probed = await probeRuntime(runtime);
  return probed.works ? { runtime, answer: probed.answer, created: false } : undefined;
}

/** Multiplies two matrices with a new runtime and writes its manifest. */
async function testAndDescribe(result: string, kind: RuntimeKind, built: Built): Promise<Answer> {
  const { packageName, version, wheels } = built;
  const directory = join(result, 'node_modules', ...packageName.split('/'));
  const probed = await probeRuntime({ packageName, directory, version, gpu: kind.gpu, origin: 'set-up' });
  if (!probed.works) {
    throw new SetUpError(`setUpTensorFlow: the runtime was built, but does not run: ${probed.problem}`);
  }
  await writeManifest(result, {
    format: 'gru4rec-tensorflow-runtime',
    formatVersion: 1,
    source: kind.source,
    gpu: kind.gpu,
    packageName,
    version,
    tensorflowVersion: probed.answer.tensorflowVersion,
    platform: `${process.platform}-${process.arch}`,
    wheels,
    created: new Date().toISOString(),
  });
  return probed.answer;
}
