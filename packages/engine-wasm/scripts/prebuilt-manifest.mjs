// The prebuilt packages of a release: one per platform, with the addon and its stamp.

/**
 * os, cpu and libc as npm and pnpm compare them with the machine.
 *
 * @type {Readonly<Record<string, { os: string, cpu: string, libc?: string }>>}
 */
export const prebuiltPlatforms = {
  'linux-x64': { os: 'linux', cpu: 'x64', libc: 'glibc' },
  'linux-arm64': { os: 'linux', cpu: 'arm64', libc: 'glibc' },
  'linux-x64-musl': { os: 'linux', cpu: 'x64', libc: 'musl' },
  'linux-arm64-musl': { os: 'linux', cpu: 'arm64', libc: 'musl' },
  'darwin-arm64': { os: 'darwin', cpu: 'arm64' },
  'win32-x64': { os: 'win32', cpu: 'x64' },
};

/**
 * @typedef {{ version: string, license: string, engines: Readonly<Record<string, string>> }} Release - of
 * engine-wasm's manifest
 */

/** @param {string} platform */
export const prebuiltName = (platform) => `@gru4rec/engine-wasm-${platform}`;

/**
 * The manifest of a platform's package.
 *
 * @param {string} platform
 * @param {Release} release
 */
export function prebuiltManifest(platform, { version, license, engines }) {
  const { os, cpu, libc } = prebuiltPlatforms[platform] ?? {};
  if (os === undefined) throw new RangeError(`prebuiltManifest: expected a platform, got ${platform}`);
  return {
    ...{ name: prebuiltName(platform), version, license },
    description: `Native kernels of @gru4rec/engine-wasm for ${platform}`,
    ...{ engines, os: [os], cpu: [cpu], ...(libc && { libc: [libc] }) },
    ...{ main: 'kernels.node', files: ['kernels.node', 'stamp.txt'] },
  };
}

/**
 * A manifest of engine-wasm that installs the packages of these platforms, in the same version, where they fit. Only
 * a release has it: a workspace would ask the registry for packages that are not published yet.
 *
 * @template {Release} T
 * @param {T} manifest
 * @param {readonly string[]} platforms
 */
export function withPrebuilt(manifest, platforms) {
  const entries = platforms.map((platform) => [prebuiltName(platform), manifest.version]);
  return { ...manifest, optionalDependencies: Object.fromEntries(entries) };
}
