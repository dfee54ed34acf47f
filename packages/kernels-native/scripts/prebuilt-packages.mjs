// Writes the prebuilt packages of a release, ready for `npm publish`, from the addons in build/.
//   --output FOLDER      takes a folder per package
//   --platform PLATFORM  only this one; may be repeated; all of prebuiltPlatforms if not given
//   --builds FOLDER      build/ if not given
//   --add-dependencies   writes them into the optionalDependencies of package.json too: in a release's checkout only
// Exits with 1 and one line if an addon is missing or was not compiled from the present sources.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as place from './native-build.mjs';
import { prebuiltManifest, prebuiltName, prebuiltPlatforms, withPrebuilt } from './prebuilt-manifest.mjs';

const own = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const manifestFile = own('../package.json');
const release = JSON.parse(readFileSync(manifestFile, 'utf8'));

/**
 * @param {string} file
 * @param {unknown} value
 */
function writeJson(file, value) {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * @param {string} platform
 * @param {string} build - folder of the addon
 * @param {string} output
 */
function writePackage(platform, build, output) {
  if (!place.isAddonCurrent(build))
    throw new Error(`${place.addonFile(build)} is missing, or was compiled from other sources`);
  const folder = join(output, `kernels-native-${platform}`);
  mkdirSync(folder, { recursive: true });
  writeJson(join(folder, 'package.json'), prebuiltManifest(platform, release));
  copyFileSync(place.addonFile(build), join(folder, 'kernels.node'));
  copyFileSync(own('../../../LICENSE'), join(folder, 'LICENSE'));
  const text = `# ${prebuiltName(platform)}\n\nThe addon of \`@gru4rec/kernels-native\` for ${platform}, which finds it by itself.\n`;
  writeFileSync(join(folder, 'README.md'), text);
}

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: 'prebuilt' },
    platform: { type: 'string', multiple: true, default: Object.keys(prebuiltPlatforms) },
    builds: { type: 'string' },
    'add-dependencies': { type: 'boolean', default: false },
  },
});
const { output, platform: platforms, builds } = values;
try {
  for (const platform of platforms) {
    writePackage(
      platform,
      builds === undefined ? place.buildFolder(platform) : join(builds, platform),
      output,
    );
  }
  if (values['add-dependencies']) writeJson(manifestFile, withPrebuilt(release, platforms));
} catch (error) {
  process.stderr.write(`${/** @type {Error} */ (error).message}\n`);
  process.exitCode = 1;
}
