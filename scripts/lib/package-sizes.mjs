/**
 * The most that a packed package may have, in kB of 1,000 bytes: a quarter above its size when the ceiling was set. Raise
 * one in the commit that needs it, and say there what for.
 *
 * @type {Readonly<Record<string, number>>}
 */
const ceilings = {
  gru4rec: 26,
  '@gru4rec/baselines': 110,
  '@gru4rec/batcher': 40,
  '@gru4rec/checks': 21,
  '@gru4rec/cli': 280,
  '@gru4rec/comparison': 100,
  '@gru4rec/durable-files': 40,
  '@gru4rec/engine-tensorflow': 80,
  '@gru4rec/engine-wasm': 240,
  '@gru4rec/formats': 60,
  '@gru4rec/metrics': 100,
  '@gru4rec/model': 320,
  '@gru4rec/playground': 640,
  '@gru4rec/preprocess': 260,
  '@gru4rec/program': 80,
  '@gru4rec/random': 20,
  '@gru4rec/recommender': 40,
  '@gru4rec/report': 350,
  '@gru4rec/sampler': 20,
  '@gru4rec/serving': 240,
  '@gru4rec/dataset': 135,
  '@gru4rec/synthetic': 40,
  '@gru4rec/tuning': 100,
};

/**
 * @param {string} name - of a package
 * @param {number} bytes - of its tarball
 * @returns {string[]} a problem, if it is larger than its ceiling or has none
 */
export function sizeProblems(name, bytes) {
  const ceiling = ceilings[name];
  const size = `${Math.ceil(bytes / 1000)} kB packed`;
  if (ceiling === undefined) return [`size: expected a ceiling in package-sizes.mjs, got none for ${size}`];
  if (bytes <= ceiling * 1000) return [];
  return [`size: expected at most ${ceiling} kB, got ${size}; see package-sizes.mjs`];
}
