import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';

/**
 * Folders of packages that were installed with a program: its own `node_modules` and all that it is in.
 * @param module - real path of the program's package.
 */
export function modulesBeside(module: string): readonly string[] {
  const around = module.split(sep).flatMap((name, i, names) => {
    return name === 'node_modules' ? [names.slice(0, i + 1).join(sep)] : [];
  });
  return [join(module, 'node_modules'), ...around.reverse()];
}

/**
 * Why other users can change the code that Node loads from a place: they own or can write it, a folder above it,
 * or the `node_modules` in such a folder. Trusted are root, the user of this process and the user's groups, and
 * the owners of `/` and of `own`, who can change this program anyway.
 * @param place - file or folder of the code.
 * @param module - a file or folder of this program.
 * @returns undefined if no others can, and where files have no such owners (Windows).
 * @throws Error if the place does not exist.
 */
export function describeOtherWriters(place: string, module: string): string | undefined {
  if (process.getuid === undefined) return undefined;
  const owners = ['/', module].map((path) => statSync(path, { throwIfNoEntry: false })?.uid);
  const users = new Set([0, process.getuid(), ...owners]);
  const groups = new Set([0, process.getgid?.(), ...(process.getgroups?.() ?? [])]);
  for (const path of [...foldersOf(resolve(place)), ...foldersOf(realpathSync(place))]) {
    const { uid, gid, mode } = statSync(path);
    if (!users.has(uid)) return `${path} belongs to another user (uid ${uid})`;
    // With the sticky bit, as in /tmp, others can add entries but replace only their own.
    const isSticky = (mode & 0o1000) !== 0 && !path.split('/').includes('node_modules');
    if (isSticky) continue;
    if ((mode & 0o002) !== 0) return `every user can write ${path}; chmod o-w prevents that`;
    if ((mode & 0o020) !== 0 && !groups.has(gid)) {
      return `another group (gid ${gid}) can write ${path}; chmod g-w prevents that`;
    }
  }
  return undefined;
}

function foldersOf(place: string): readonly string[] {
  const parent = dirname(place);
  const here = [place, join(place, 'node_modules')].filter((path) => existsSync(path));
  return parent === place ? here : [...here, ...foldersOf(parent)];
}
