/**
 * Licences with their packages, the most common first.
 *
 * @param {readonly import('./dependencies.mjs').Dependency[]} dependencies
 */
export function describeLicences(dependencies) {
  const byLicence = groupByLicence(dependencies);
  return [...byLicence]
    .sort(([, a], [, b]) => b.length - a.length)
    .map(([licence, names]) => `${licence} (${names.length})\n${names.map((name) => `  ${name}`).join('\n')}`)
    .join('\n');
}

/**
 * @param {readonly import('./dependencies.mjs').Dependency[]} dependencies
 * @returns {Map<string, string[]>}
 */
function groupByLicence(dependencies) {
  const groups = new Map();
  for (const { name, version, licence } of dependencies) {
    groups.set(licence, [...(groups.get(licence) ?? []), `${name} ${version}`]);
  }
  return groups;
}
