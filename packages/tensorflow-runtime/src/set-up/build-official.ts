import type { Build, Built } from './build-from-wheel.ts';
import { installPackages, runInstallScripts } from './npm.ts';
import { SetUpError } from './set-up-error.ts';

/**
 * Builds a runtime in the way its maintainers intend: the package's install script downloads libtensorflow, and
 * downloads or compiles the addon. No other package's script runs.
 *
 * @throws SetUpError saying what is missing or what failed.
 */
export async function buildOfficial({ gpu, version, tools, where, onProgress }: Build): Promise<Built> {
  const packageName = gpu ? '@tensorflow/tfjs-node-gpu' : '@tensorflow/tfjs-node';
  onProgress(`Installing ${packageName} ${version} with npm, without scripts`);
  await installPackages(tools.npm, where, { [packageName]: version });
  onProgress(`Running the install script of ${packageName}, which downloads libtensorflow`);
  const failure = await runInstallScripts(tools.npm, where, packageName);
  if (failure === undefined) return { packageName, version, wheels: {} };
  throw new SetUpError(
    `setUpTensorFlow: the install script of ${packageName} ${version} failed: ${failure.replace(/^Error: /, '')}. ` +
      'It downloads from servers other than npm, which are often unreachable. Set it up from wheel instead (--from wheel).',
  );
}
