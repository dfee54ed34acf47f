// Packs every public package as it would be published and checks the tarball with publint, "Are the types wrong?" and
// the ceiling of its size.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { problemAffectsResolutionKind } from '@arethetypeswrong/core/problems';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { listPublicPackages, packAll, tarballName } from './lib/pack.mjs';
import { sizeProblems } from './lib/package-sizes.mjs';

/** How an ESM-only package can be resolved; `require` and Node 10 are out of scope, as in attw's profile `esm-only`. */
const resolutionKinds = /** @type {const} */ (['node16-esm', 'bundler']);
const publicPackages = listPublicPackages();
const folder = mkdtempSync(join(tmpdir(), 'gru4rec-pack-'));
try {
  await packAll(folder);
  process.exitCode = await lintTarballs(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * @param {string} source
 * @returns {Promise<number>} the exit status: 1 if any tarball has a problem
 */
async function lintTarballs(source) {
  let problems = 0;
  for (const one of publicPackages) {
    const bytes = new Uint8Array(readFileSync(join(source, tarballName(one))));
    const found = [
      ...(await publishProblems(bytes)),
      ...(await typeProblems(bytes)),
      ...sizeProblems(one.name, bytes.length),
    ];
    problems += found.length;
    for (const problem of found) console.error(`${one.name}: ${problem}`);
  }
  console.log(`${publicPackages.length} packages linted, ${problems} problems`);
  return problems === 0 ? 0 : 1;
}

/**
 * @param {Uint8Array<ArrayBuffer>} tarball
 * @returns {Promise<string[]>}
 */
async function publishProblems(tarball) {
  const { messages, pkg } = await publint({
    pack: { tarball: tarball.buffer },
    strict: true,
    level: 'warning',
  });
  return messages.map(
    (message) => `publint: ${formatMessage(message, pkg, { color: false }) || message.code}`,
  );
}

/**
 * @param {Uint8Array} tarball
 * @returns {Promise<string[]>}
 */
async function typeProblems(tarball) {
  const analysis = await checkPackage(createPackageFromTarballData(tarball));
  if (analysis.types === false) return ['attw: no types'];
  return analysis.problems
    .filter((problem) =>
      resolutionKinds.some((kind) => problemAffectsResolutionKind(problem, kind, analysis)),
    )
    .map((problem) => `attw: ${JSON.stringify(problem)}`);
}
