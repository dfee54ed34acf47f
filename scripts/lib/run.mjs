import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']);

/**
 * Runs a program until it ends, without a shell, and passes signals on to it.
 *
 * @param {import('./commands.mjs').Command} command
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 * @returns {Promise<number>} the exit status; 128 + n after signal n, as in shells
 */
export function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command.file, [...command.args, ...args], options);
    /** @param {NodeJS.Signals} signal */
    const forward = (signal) => {
      // A terminal already sends Ctrl-C to the whole group: the child ends, and this process ends with it.
      if (signal !== 'SIGINT') child.kill(signal);
    };
    for (const signal of signals) process.on(signal, forward);
    const done = () => {
      for (const signal of signals) process.off(signal, forward);
    };
    child.on('error', (error) => {
      done();
      reject(error);
    });
    child.on('close', (status, signal) => {
      done();
      resolve(status ?? 128 + constants.signals[signal ?? 'SIGHUP']);
    });
  });
}
