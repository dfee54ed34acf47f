/**
 * Whether a Node version satisfies a minimum, both as major.minor.patch with missing parts zero.
 *
 * @param {string} version - as in `process.versions.node`
 * @param {string} range - only the form `>=20.19` is supported
 * @returns {boolean}
 * @throws {RangeError} if `range` has another form
 */
export function satisfiesMinimum(version, range) {
  const minimum = /^>=\s*(\d+(?:\.\d+){0,2})$/.exec(range.trim());
  if (minimum === null) {
    throw new RangeError(`satisfiesMinimum: "range" expected >=major.minor, got ${range}.`);
  }
  return compareVersions(version, minimum[1]) >= 0;
}

/**
 * The one-line error for a Node that is too old.
 *
 * @param {string} version
 * @param {string} range
 * @returns {string | undefined} undefined if the version is new enough
 */
export function nodeVersionProblem(version, range) {
  if (satisfiesMinimum(version, range)) return undefined;
  return `Node ${range} is needed, this is ${version}. Get a newer one from https://nodejs.org and try again.`;
}

/**
 * @param {string} a
 * @param {string} b
 */
function compareVersions(a, b) {
  const left = a.split('.');
  const right = b.split('.');
  for (let part = 0; part < 3; part++) {
    const difference = Number.parseInt(left[part] || '0', 10) - Number.parseInt(right[part] || '0', 10);
    if (difference !== 0) return difference;
  }
  return 0;
}
