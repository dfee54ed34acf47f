import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A program that is compared with ours. */
export type PeerName = 'cornac' | 'recbole' | 'pandas' | 'polars' | 'rectools';

/** Names of all peers. */
export const peerNames: readonly PeerName[] = ['cornac', 'recbole', 'pandas', 'polars', 'rectools'];

/** Folder of the runners and the pinned versions. */
export const runnersFolder: string = fileURLToPath(new URL('../../peers/', import.meta.url));
/** The default folder of the virtual environments, which git ignores. */
export const defaultPeerDirectory: string = fileURLToPath(
  new URL('../../../../.gru4rec/peers', import.meta.url),
);

/** The file in a virtual environment that lists what was installed. */
export const INSTALLED_FILE = 'installed.txt';
/** The file beside the virtual environments that says why one could not be created. */
export function failureFile(directory: string, peer: PeerName): string {
  return join(directory, `${peer}.failed.txt`);
}

/** The pinned versions of a peer, one per line. */
export function requirementsOf(peer: PeerName): string {
  return readFileSync(join(runnersFolder, `${peer}.txt`), 'utf8');
}

/** The version of a peer and of its numerical library: "cornac 3.0.1, torch …". */
export function versionOf(peer: PeerName): string {
  const requirements = requirementsOf(peer);
  const pinned = (name: string): string | undefined =>
    new RegExp(`^${name}==(.+)$`, 'm').exec(requirements)?.[1]?.trim();
  const torch = pinned('torch');
  return `${peer} ${pinned(peer) ?? 'of unknown version'}${torch ? `, torch ${torch}` : ''}`;
}

/** The Python of a peer's virtual environment. */
export function pythonOf(directory: string, peer: PeerName): string {
  const [folder, file] = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  return join(directory, peer, folder, file);
}

/** Why a peer cannot run; undefined if it can. */
export function peerProblem(directory: string, peer: PeerName): string | undefined {
  const failure = failureFile(directory, peer);
  if (existsSync(failure)) return `could not be installed: ${readFileSync(failure, 'utf8').trim()}`;
  const installed = join(directory, peer, INSTALLED_FILE);
  const how = `run: pnpm --filter benchmark peers --only ${peer}`;
  if (!existsSync(installed)) return `not installed; ${how}`;
  if (readFileSync(installed, 'utf8') !== requirementsOf(peer)) return `installed in other versions; ${how}`;
  return undefined;
}
