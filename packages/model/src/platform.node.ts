import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Platform, Sha256 } from './platform.ts';

export const platform: Platform = {
  sha256() {
    const hash = createHash('sha256');
    const sha256: Sha256 = {
      update(piece) {
        hash.update(piece);
        return sha256;
      },
      hex: () => hash.digest('hex'),
    };
    return sha256;
  },
  digest: async (bytes) => platform.sha256().update(bytes).hex(),
  turn: () => setImmediate(),
};
