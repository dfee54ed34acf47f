import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/**
 * A process, and its parent as long as its launcher lives.
 *
 * @typedef {{ pid: number, parent: number }} Link
 *
 * What is known about a process; undefined once it has ended.
 * @typedef {{ parent: number, environment: Readonly<Record<string, string | undefined>> } | undefined} ProcessFacts
 */

/**
 * The processes from a script of `npm start` or `pnpm start` up to its caller: the script, a shell, npm or pnpm, and
 * npx above pnpm. Each has the next as its parent.
 *
 * @param {number} pid - of the script
 * @param {(pid: number) => ProcessFacts} factsOf
 * @returns {Link[]} none if no package manager started it
 */
export function launcherLinks(pid, factsOf) {
  const links = [];
  const facts = factsOf(pid);
  const manifest = facts?.environment.npm_package_json;
  for (let next = facts; next !== undefined; next = factsOf(pid)) {
    const { parent, environment } = next;
    const { npm_lifecycle_event: event, npm_lifecycle_script: script, npm_package_json: own } = environment;
    const startsUs = event === 'start' && own === manifest;
    const startsManager = event === 'npx' && links.length > 0 && /^["']?pnpm\b/.test(script ?? '');
    if (!startsUs && !startsManager) break;
    links.push({ pid, parent });
    pid = parent;
  }
  return links;
}

/**
 * What the system reports about a process. Only Linux reports about other processes than this one.
 *
 * @param {number} pid
 * @returns {ProcessFacts}
 */
export function processFacts(pid) {
  if (pid === process.pid) return { parent: process.ppid, environment: process.env };
  const parent = parentOf(pid);
  if (parent === undefined) return undefined;
  try {
    const lines = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    const entries = lines.map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]);
    return { parent, environment: Object.fromEntries(entries) };
  } catch {
    return undefined;
  }
}

/**
 * @param {number} pid
 * @returns {number | undefined} undefined if it has ended or the system does not report it
 */
export function parentOf(pid) {
  if (pid === process.pid) return process.ppid;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

/**
 * Sends this process SIGHUP once the npm or pnpm that started it has ended. A thread checks, because the main thread
 * may compute for minutes without returning to its event loop.
 */
export function endWithLauncher() {
  const links = launcherLinks(process.pid, processFacts);
  if (links.length === 0 || process.platform === 'win32') return;
  new Worker(new URL('./watch-launcher.mjs', import.meta.url), { workerData: links }).unref();
}
