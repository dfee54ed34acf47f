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

export type RunProgram = (file: string, words: readonly string[]) => void;

/** The pins name every package: no dependency is resolved. Returns 0; 1 if a peer fails; 2 for a wrong command line. */
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
