import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';

export interface Sha256 {
  /** @param piece - less than 2 GiB; a text counts as UTF-8. */
  update(piece: Uint8Array | string): Sha256;
  hex(): string;
}

/** What differs between Node and browsers. `#platform` is one of its two forms, by the condition `browser`. */
export interface Platform {
  sha256(): Sha256;
  /** SHA-256 of a whole file, in hexadecimal digits; off the thread where possible. */
  digest(bytes: Uint8Array<ArrayBuffer>): Promise<string>;
  turn(): Promise<void>;
}

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
