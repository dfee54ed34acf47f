// Preloaded into a command: counts what it does with names in the folder KILL_FOLDER, writes a line for each to
// KILL_LOG, and kills the process right before the one of number KILL_AT, from 1.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { relative, sep } from 'node:path';

const { KILL_FOLDER = '', KILL_AT = '0', KILL_LOG = '' } = process.env;
const { appendFileSync } = fs;
let count = 0;

/** @param {string} name @param {unknown[]} paths */
function step(name, paths) {
  const inside = paths.filter((path) => typeof path === 'string' && path.startsWith(KILL_FOLDER + sep));
  if (inside.length === 0) return;
  count++;
  const shown = inside.map((path) => relative(KILL_FOLDER, String(path)).replace(/-\w{6}(?=[/\\]|$)/, '-*'));
  appendFileSync(KILL_LOG, `${process.pid} ${name} ${shown.join(' ')}\n`);
  if (count === Number(KILL_AT)) process.kill(process.pid, 'SIGKILL');
}

/** @param {any} module @param {string[]} names @param {(args: unknown[]) => boolean} counts */
function watch(module, names, counts = () => true) {
  for (const name of names) {
    const original = module[name];
    module[name] = (/** @type {unknown[]} */ ...args) => {
      if (counts(args)) step(name, args.slice(0, 2));
      return original(...args);
    };
  }
}

// Processes that the command starts are not killed, only itself.
if (process.argv[1]?.endsWith('main.ts')) {
  watch(fs, ['renameSync', 'linkSync', 'rmdirSync', 'rmSync', 'mkdirSync', 'mkdtempSync']);
  watch(fs.promises, ['rename', 'link', 'rmdir', 'rm', 'mkdtemp']);
  watch(fs, ['openSync'], ([, flags]) => flags === 'wx+');
  syncBuiltinESMExports();
}
