import type { Build, Built } from './build-from-wheel.ts';
import { installPackages, runInstallScripts } from './npm.ts';
import { SetUpError } from './set-up-error.ts';

/**
 * Builds a runtime as its makers mean it: the package's own script downloads libtensorflow, and the addon or what it
 * takes to compile it. No other package's script is run.
 *
 * @throws SetUpError saying what is missing or went wrong.
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
      'Its downloads do not come from npm and are often out of reach: set it up from wheel instead (--from wheel).',
  );
}
