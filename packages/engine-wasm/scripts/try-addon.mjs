// try-addon.mjs FILE: loads an addon and draws samples with each instruction set, in a process that may crash.
import { createRequire } from 'node:module';

const addon = createRequire(import.meta.url)(process.argv[2] ?? '');
for (const set of addon.instructionSets) {
  const drawn = new Int32Array(64).fill(-1);
  addon.sampling(set).draw(new Uint32Array(5), new Uint32Array(1), new Int32Array(1), drawn);
  if (drawn.some((item) => item !== 0)) throw new Error(`with ${set} it drew ${drawn} from one item`);
}
