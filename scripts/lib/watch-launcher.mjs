// The thread of endWithLauncher: hangs up when a link of the launcher breaks.
import { workerData } from 'node:worker_threads';
import { parentOf } from './launcher.mjs';

const LOOK_MS = 250;

/** @type {import('./launcher.mjs').Link[]} */
const links = workerData;
const timer = setInterval(() => {
  if (links.every(({ pid, parent }) => parentOf(pid) === parent)) return;
  clearInterval(timer);
  process.kill(process.pid, 'SIGHUP');
}, LOOK_MS);
