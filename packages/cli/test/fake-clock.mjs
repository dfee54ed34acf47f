// Preloaded into a process and its threads: the clock is ahead by the milliseconds in the file CLOCK_FILE.
import { readFileSync } from 'node:fs';

const RealDate = Date;
let ahead = 0;

function read() {
  try {
    ahead = Number(readFileSync(String(process.env.CLOCK_FILE), 'utf8'));
  } catch {
    // It is being replaced.
  }
}

read();
setInterval(read, 20).unref();
globalThis.Date = /** @type {any} */ (
  class extends RealDate {
    /** @param {any[]} given */
    constructor(...given) {
      if (given.length === 0) super(RealDate.now() + ahead);
      else super(.../** @type {[any]} */ (given));
    }

    /** @override */
    static now() {
      return RealDate.now() + ahead;
    }
  }
);
