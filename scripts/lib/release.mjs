/**
 * Why a tag cannot be released from a checkout.
 *
 * @param {string} tag - `v` and the version
 * @param {{ packages: readonly { name: string, version: string }[], changelog: string }} checkout
 * @returns {string[]}
 */
export function releaseProblems(tag, { packages, changelog }) {
  const [, version] = /^v(\d+\.\d+\.\d+(?:-[\w.]+)?)$/.exec(tag) ?? [];
  if (version === undefined) return [`expected a tag such as v1.2.3, got ${tag || 'none'}`];
  const others = packages.filter((one) => one.version !== version);
  const problems = others.map((one) => `${one.name} expected version ${version}, got ${one.version}`);
  if (!changelog.includes(`\n## [${version}] - `))
    problems.push(`CHANGELOG.md has no section [${version}] with a date`);
  return problems;
}
