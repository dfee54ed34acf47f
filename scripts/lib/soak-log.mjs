import { writeFileSync } from 'node:fs';
import { seededChance } from './soak-plan.mjs';

/**
 * Writes a log of sessions that follow a ring of items and sometimes return to popular ones, so that there is something
 * to learn.
 *
 * @param {string} file - TSV with SessionId, ItemId, Time
 * @param {{ sessions: number, items: number, seed: number }} size
 */
export function writeSoakLog(file, { sessions, items, seed }) {
  const chance = seededChance(seed);
  const rows = ['SessionId\tItemId\tTime'];
  for (let session = 0; session < sessions; session++) {
    let item = Math.floor(chance() ** 2 * items);
    const length = 2 + Math.floor(8 * chance() ** 2);
    for (let click = 0; click < length; click++) {
      rows.push(`${session}\t${item}\t${1_600_000_000 + 60 * session + click}`);
      item =
        chance() < 0.8 ? (item + 1 + Math.floor(3 * chance())) % items : Math.floor(chance() ** 2 * items);
    }
  }
  writeFileSync(file, `${rows.join('\n')}\n`);
}
