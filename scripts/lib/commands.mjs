import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

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

/**
 * @returns {Surroundings}
 */
export function currentSurroundings() {
  return {
    execPath: process.execPath,
    managerPath: process.env.npm_execpath,
    exists: existsSync,
  };
}

/**
 * How to call pnpm: the one that runs this script, or else the pinned one through npx.
 *
 * @param {string} pnpmVersion
 * @param {Surroundings} surroundings
 * @returns {Command}
 */
export function pnpmCommand(pnpmVersion, surroundings) {
  const { managerPath, execPath } = surroundings;
  if (managerPath !== undefined && isPnpm(managerPath)) return managerCommand(managerPath, execPath);
  const npx = npmToolCommand('npx', surroundings);
  return { file: npx.file, args: [...npx.args, '--yes', `pnpm@${pnpmVersion}`] };
}

/**
 * How to call a tool that comes with Node: as a script run by Node, because Windows starts `npx.cmd` only through a
 * shell.
 *
 * @param {'npm' | 'npx'} tool
 * @param {Surroundings} surroundings
 * @returns {Command}
 */
export function npmToolCommand(tool, surroundings) {
  const script = findNpmScript(`${tool}-cli.js`, surroundings);
  return script === undefined ? { file: tool, args: [] } : { file: surroundings.execPath, args: [script] };
}

/** @param {string} managerPath */
function isPnpm(managerPath) {
  return /^pnpm/.test(managerPath.split(/[\\/]/).pop() || '');
}

/**
 * @param {string} managerPath
 * @param {string} execPath
 * @returns {Command}
 */
function managerCommand(managerPath, execPath) {
  if (/\.[cm]?js$/.test(managerPath)) return { file: execPath, args: [managerPath] };
  return { file: managerPath, args: [] };
}

/**
 * @param {string} script
 * @param {Surroundings} surroundings
 * @returns {string | undefined}
 */
function findNpmScript(script, { managerPath, execPath, exists }) {
  const besideNode = dirname(execPath);
  const folders = [
    join(besideNode, 'node_modules', 'npm', 'bin'),
    join(besideNode, '..', 'lib', 'node_modules', 'npm', 'bin'),
  ];
  if (managerPath !== undefined) folders.unshift(dirname(managerPath));
  return folders.map((folder) => join(folder, script)).find((path) => exists(path));
}
