import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readPins } from './repository.mjs';

/**
 * A program with its leading arguments, for `spawn` without a shell.
 *
 * @typedef {{ file: string, args: string[] }} Command
 *
 * The facts that decide how a package manager is called.
 * @typedef {object} Surroundings
 * @property {string} execPath - the running Node
 * @property {string | undefined} managerPath - `npm_execpath`: the manager that runs this script
 * @property {(path: string) => boolean} exists
 */

/** @returns {Surroundings} */
function currentSurroundings() {
  return { execPath: process.execPath, managerPath: process.env.npm_execpath, exists: existsSync };
}

/**
 * How to call pnpm: the one that runs this script, or else the pinned one through npx.
 *
 * @returns {Command}
 */
export function pnpmCommand(surroundings = currentSurroundings()) {
  const { managerPath = '', execPath } = surroundings;
  if (/(^|[\\/])pnpm[^\\/]*$/.test(managerPath)) {
    const isScript = /\.[cm]?js$/.test(managerPath);
    return isScript ? { file: execPath, args: [managerPath] } : { file: managerPath, args: [] };
  }
  const { file, args } = npmToolCommand('npx', surroundings);
  return { file, args: [...args, '--yes', `pnpm@${readPins().pnpmVersion}`] };
}

/**
 * How to call a tool that comes with Node: as a script run by Node, because Windows starts `npx.cmd` only through a
 * shell.
 *
 * @param {'npm' | 'npx'} tool
 * @returns {Command}
 */
export function npmToolCommand(tool, surroundings = currentSurroundings()) {
  const { managerPath, execPath, exists } = surroundings;
  const node = dirname(execPath);
  const script = [
    ...(managerPath === undefined ? [] : [dirname(managerPath)]),
    join(node, 'node_modules', 'npm', 'bin'),
    join(node, '..', 'lib', 'node_modules', 'npm', 'bin'),
  ]
    .map((folder) => join(folder, `${tool}-cli.js`))
    .find(exists);
  return script === undefined ? { file: tool, args: [] } : { file: execPath, args: [script] };
}
