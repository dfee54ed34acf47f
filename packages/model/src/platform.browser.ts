/// <reference lib="dom" />
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Platform, Sha256 } from './platform.node.ts';

export const platform: Platform = {
  // `crypto.subtle` is missing on pages without HTTPS, and takes no pieces.
  sha256() {
    const hash = sha256.create();
    const plain: Sha256 = {
      update(piece) {
        hash.update(typeof piece === 'string' ? utf8ToBytes(piece) : piece);
        return plain;
      },
      hex: () => bytesToHex(hash.digest()),
    };
    return plain;
  },

  // Takes a fifth of the time where it exists, and does not block.
  async digest(bytes) {
    if (!globalThis.crypto.subtle) return bytesToHex(sha256(bytes));
    return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
  },

  // Unlike `setTimeout`, a message is not delayed by 4 ms after a few turns.
  turn() {
    return new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    });
  },
};
