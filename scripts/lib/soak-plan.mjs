/**
 * Seeded random numbers in [0, 1): a 32-bit counter and a mixing function, good enough to choose moments for kills.
 *
 * @param {number} seed
 * @returns {() => number}
 */
export function seededChance(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/**
 * Milliseconds before a run is killed. Half of the runs are killed early, while they start or read their checkpoint,
 * the others after up to `most`.
 *
 * @param {() => number} chance
 * @param {number} most
 */
export function killAfter(chance, most) {
  const soon = chance() < 0.5;
  return Math.round(chance() * (soon ? most / 4 : most));
}

/**
 * The number of epochs that fill the seconds, at least 2.
 *
 * @param {number} seconds
 * @param {number} secondsPerEpoch
 */
export function epochsFor(seconds, secondsPerEpoch) {
  return Math.max(2, Math.round(seconds / secondsPerEpoch));
}

/**
 * Peak of the first and of the last quarter of samples, in their order; undefined for fewer than four.
 *
 * @param {readonly number[]} samples
 * @returns {{ first: number, last: number } | undefined}
 */
export function quarterPeaks(samples) {
  const quarter = Math.floor(samples.length / 4);
  if (quarter === 0) return undefined;
  return { first: Math.max(...samples.slice(0, quarter)), last: Math.max(...samples.slice(-quarter)) };
}

/** How far a peak may exceed the one that it is compared with, because garbage is collected at no fixed time. */
const MOST_GROWTH = 1.15;

/**
 * Whether memory did not grow: during the uninterrupted run, and in resumed runs compared with it.
 *
 * @param {readonly number[]} wholeRss - MiB, samples of the uninterrupted run; empty where the system does not report
 *   it
 * @param {readonly number[]} killedRss - MiB, the peak of each run that was killed or ended
 */
export function isFlat(wholeRss, killedRss) {
  const peaks = quarterPeaks(wholeRss);
  if (peaks === undefined) return true;
  return (
    peaks.last <= MOST_GROWTH * peaks.first &&
    Math.max(0, ...killedRss) <= MOST_GROWTH * Math.max(...wholeRss)
  );
}

/**
 * The report of a soak, in one line.
 *
 * @param {object} soak
 * @param {number} soak.minutes - how long it took
 * @param {number} soak.seed
 * @param {number} soak.epochs
 * @param {number} soak.kills
 * @param {number} soak.resumes - runs that resumed from a checkpoint
 * @param {boolean} soak.equal - whether both runs ended with the same parameters
 * @param {string} soak.checksum - of the parameters of the uninterrupted run
 * @param {readonly number[]} soak.wholeRss - MiB, samples of the uninterrupted run
 * @param {readonly number[]} soak.killedRss - MiB, the peak of each run that was killed or ended
 */
export function reportLine({ minutes, seed, epochs, kills, resumes, equal, checksum, wholeRss, killedRss }) {
  const peaks = quarterPeaks(wholeRss);
  const memory =
    peaks === undefined
      ? 'memory not measured'
      : `peak RSS ${peaks.first.toFixed(0)} MiB in the first quarter of the uninterrupted run, ` +
        `${peaks.last.toFixed(0)} MiB in its last, ${Math.max(0, ...killedRss).toFixed(0)} MiB in the killed runs`;
  const outcome = equal ? `parameters equal (${checksum.slice(0, 12)})` : 'PARAMETERS DIFFER';
  const flat = isFlat(wholeRss, killedRss) ? '' : ': NOT FLAT';
  return `soak: ${minutes.toFixed(1)} min, seed ${seed}, ${epochs} epochs, ${kills} kills, ${resumes} resumes: ${outcome}; ${memory}${flat}`;
}
