import { resolve } from 'node:path';
import yargs from 'yargs';
import { runCommand, type Surroundings } from '../command-line.ts';
import { installPeer, type RunProgram } from './install.ts';
import { defaultPeerDirectory, peerNames, versionOf } from './peers.ts';

/**
 * `peers [--only NAME …] [--directory DIR]`.
 *
 * @param run - runs a program; for tests.
 * @returns exit status: 0; 1 if a peer cannot be installed; 2 if the command line is wrong.
 */
export function runPeersCommand(
  words: readonly string[],
  surroundings: Surroundings & { readonly run?: RunProgram },
): Promise<number> {
  const { print, complain, resolvePath, run } = surroundings;
  return runCommand(
    'peers',
    peersParser(),
    words,
    surroundings,
    async ({ only, python, directory: given }) => {
      const directory = given ? resolvePath(given) : resolve(defaultPeerDirectory);
      let failures = 0;
      for (const peer of only) {
        const result = await installPeer(peer, { directory, python, ...(run ? { run } : {}) });
        if (result instanceof Error) {
          failures++;
          complain(`${peer}: cannot be installed: ${result.message}`);
        } else print(`${versionOf(peer)}: ${result}`);
      }
      return failures > 0 ? 1 : 0;
    },
  );
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
