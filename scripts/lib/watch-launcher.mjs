// The thread of endWithLauncher: sends SIGHUP when a process between this one and its launcher has ended.
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
