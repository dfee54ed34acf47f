import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  failureFile,
  INSTALLED_FILE,
  type PeerName,
  peerProblem,
  pythonOf,
  requirementsOf,
  runnersFolder,
} from './peers.ts';

const LARGEST_OUTPUT = 64 * 2 ** 20;

/** Runs a program. Rejects with its standard error if it fails. */
export type RunProgram = (file: string, words: readonly string[]) => Promise<void>;

const runProgram: RunProgram = async (file, words) => {
  await promisify(execFile)(file, [...words], { maxBuffer: LARGEST_OUTPUT });
};

/** Where peers are installed, and with which Python. */
export interface InstallOptions {
  readonly directory: string;
  /** The Python that creates the virtual environments. */
  readonly python: string;
  readonly run?: RunProgram;
}

/**
 * Creates the virtual environment of a peer and installs its pinned versions.
 *
 * The list names every package, so dependencies are not resolved. Packages that the peer does not import are left out.
 *
 * @returns `installed`, `present` if there was nothing to do, or why it cannot be installed, which is saved for
 *   reports.
 */
export async function installPeer(
  peer: PeerName,
  options: InstallOptions,
): Promise<'installed' | 'present' | Error> {
  const { directory, python, run = runProgram } = options;
  if (peerProblem(directory, peer) === undefined) return 'present';
  const folder = join(directory, peer);
  rmSync(failureFile(directory, peer), { force: true });
  mkdirSync(directory, { recursive: true });
  try {
    await run(python, ['-m', 'venv', '--clear', folder]);
    const list = join(runnersFolder, `${peer}.txt`);
    const quietly = ['--quiet', '--disable-pip-version-check', '--no-input'];
    await run(pythonOf(directory, peer), ['-m', 'pip', 'install', ...quietly, '--no-deps', '-r', list]);
    writeFileSync(join(folder, INSTALLED_FILE), requirementsOf(peer));
    return 'installed';
  } catch (error) {
    const reason = reasonOf(error);
    writeFileSync(failureFile(directory, peer), `${reason}\n`);
    return new Error(reason);
  }
}

/** The last line of the output of a failed program. */
function reasonOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  const lines = (stderr || message).trim().split('\n');
  return (lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'for no reason given').trim();
}
