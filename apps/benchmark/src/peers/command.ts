import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import yargs from 'yargs';
import { runCommand, type Surroundings } from '../command-line.ts';
import {
  type PeerName,
  peerFolder,
  peerNames,
  peerProblem,
  pythonOf,
  requirementsOf,
  runnersFolder,
  versionOf,
} from './peers.ts';

/** Runs a program, which shows its output. Throws if it fails. */
export type RunProgram = (file: string, words: readonly string[]) => void;

/**
 * `peers [--only NAME …]`: creates a virtual environment per peer, and installs the pinned versions into it. The list names every
 * package, so dependencies are not resolved, and packages that the peer does not import are left out.
 *
 * @returns exit status: 0; 1 if a peer cannot be installed; 2 if the command line is wrong.
 */
export function runPeersCommand(
  words: readonly string[],
  surroundings: Surroundings,
  run: RunProgram = (file, given) => void execFileSync(file, given, { stdio: 'inherit' }),
): Promise<number> {
  const { print, complain } = surroundings;
  return runCommand('peers', peersParser(), words, surroundings, ({ only, python }) => {
    let status = 0;
    for (const peer of only as readonly PeerName[]) {
      try {
        if (peerProblem(peer) !== undefined) install(peer, python, run);
        print(`${versionOf(peer)}: installed`);
      } catch (error) {
        status = 1;
        complain(`${peer}: cannot be installed: ${(error as Error).message}`);
      }
    }
    return status;
  });
}

function install(peer: PeerName, python: string, run: RunProgram): void {
  run(python, ['-m', 'venv', '--clear', peerFolder(peer)]);
  const quietly = ['--quiet', '--disable-pip-version-check', '--no-input'];
  const list = join(runnersFolder, `${peer}.txt`);
  run(pythonOf(peer), ['-m', 'pip', 'install', ...quietly, '--no-deps', '-r', list]);
  writeFileSync(join(peerFolder(peer), 'installed.txt'), requirementsOf(peer));
}

function peersParser() {
  const python = 'The Python to use: 3.11, for which the versions are pinned';
  return yargs()
    .usage('$0', 'Installs the programs that ours is compared with, each in its own virtual environment.')
    .option('only', { type: 'string', array: true, choices: peerNames, default: peerNames })
    .option('python', { type: 'string', default: 'python3', describe: python });
}
