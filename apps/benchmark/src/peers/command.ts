import { resolve } from 'node:path';
import yargs from 'yargs';
import { parseWords, UsageError } from '../parse-words.ts';
import { installPeer, type RunProgram } from './install.ts';
import { defaultPeerDirectory, type PeerName, peerNames, versionOf } from './peers.ts';

/** The parts of the process that the command uses. */
export interface PeersSurroundings {
  readonly resolvePath: (path: string) => string;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  readonly run?: RunProgram;
}

/**
 * `peers [--only NAME …] [--directory DIR]`.
 * @returns exit status: 0; 1 if a peer cannot be installed; 2 if the command line is wrong.
 */
export async function runPeersCommand(
  words: readonly string[],
  surroundings: PeersSurroundings,
): Promise<number> {
  const { print, complain, resolvePath, run } = surroundings;
  try {
    const found = parseWords(peersParser(), words);
    if (typeof found === 'string') {
      print(found);
      return 0;
    }
    const directory = found.directory ? resolvePath(found.directory) : resolve(defaultPeerDirectory);
    let failures = 0;
    for (const peer of found.only as PeerName[]) {
      const result = await installPeer(peer, { directory, python: found.python, ...(run ? { run } : {}) });
      if (result instanceof Error) {
        failures++;
        complain(`${peer}: cannot be installed: ${result.message}`);
      } else print(`${versionOf(peer)}: ${result}`);
    }
    return failures > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    complain(error.message);
    return 2;
  }
}

function peersParser() {
  return yargs()
    .scriptName('peers')
    .usage('$0', 'Installs the programs that ours is compared with, each in its own virtual environment.')
    .option('only', { type: 'string', array: true, choices: peerNames, default: peerNames })
    .option('directory', {
      type: 'string',
      requiresArg: true,
      describe: 'Where to install; default: .gru4rec/peers in the repository',
    })
    .option('python', {
      type: 'string',
      default: 'python3',
      describe: 'The Python to use: 3.11, for which the versions are pinned',
    });
}
