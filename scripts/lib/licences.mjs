/**
 * Licences that let anybody use, change and redistribute this project together with the dependency. All require that
 * their text is included. Allowing another licence is a decision to review.
 */
export const allowedLicences = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
]);

/**
 * Whether an SPDX expression can be satisfied by allowed licences. AND binds tighter than OR. `WITH` is not supported.
 *
 * @param {string} expression
 */
export function isAllowed(expression) {
  return expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((choice) => choice.split(' AND ').every((licence) => allowedLicences.has(licence.trim())));
}

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
