// Writes the prebuilt packages of a release, ready for `npm publish`, from the addons in build/.
//   --output FOLDER      takes a folder per package
//   --platform PLATFORM  only this one; may be repeated; all of prebuiltPlatforms if not given
//   --builds FOLDER      build/ if not given
// Exits with 1 and one line if an addon is missing, damaged or was not compiled from the present sources.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as place from './native-build.mjs';
import { prebuiltManifest, prebuiltName, prebuiltPlatforms } from './prebuilt-manifest.mjs';

const own = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const release = JSON.parse(readFileSync(own('../package.json'), 'utf8'));

/**
 * @param {string} platform
 * @param {string} build - folder of the addon
 * @param {string} output
 */
function writePackage(platform, build, output) {
  if (!place.isAddonCurrent(build))
    throw new Error(`${place.addonFile(build)} is missing, damaged, or was compiled from other sources`);
  const folder = join(output, `engine-wasm-${platform}`);
  mkdirSync(folder, { recursive: true });
  const manifest = prebuiltManifest(platform, release);
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(place.addonFile(build), place.addonFile(folder));
  copyFileSync(place.stampFile(build), place.stampFile(folder));
  copyFileSync(own('../../../LICENSE'), join(folder, 'LICENSE'));
  const text = `# ${prebuiltName(platform)}\n\nThe addon of \`@gru4rec/engine-wasm\` for ${platform}, which finds it by itself.\n`;
  writeFileSync(join(folder, 'README.md'), text);
}

const { values } = parseArgs({
  options: {
    output: { type: 'string', default: 'prebuilt' },
    platform: { type: 'string', multiple: true, default: Object.keys(prebuiltPlatforms) },
    builds: { type: 'string' },
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
} catch (error) {
  process.stderr.write(`${/** @type {Error} */ (error).message}\n`);
  process.exitCode = 1;
}
