import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { writeDataset } from '../src/index.ts';
import { sourceOf } from './table.ts';

// Overwrites a dataset and kills itself before its n-th rename, from 1; 0 is while it writes.
const [directory = '', number] = process.argv.slice(2);
const { renameSync } = fs;
let renames = 0;
fs.renameSync = (from, to) => {
  if (++renames === Number(number)) process.kill(process.pid, 'SIGKILL');
  renameSync(from, to);
};
syncBuiltinESMExports();
const source = sourceOf([[0, 1, 1]], 2);
const half = function* () {
  yield* source.splits.train as Iterable<never>;
  if (number === '0') process.kill(process.pid, 'SIGKILL');
};
await writeDataset(directory, { ...source, splits: { train: half() } }, { overwrite: true });
