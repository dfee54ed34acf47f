import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCiCommand } from './command.ts';
import { chooseReference } from './reference.ts';
import { measureRound } from './rounds.ts';
import { ciRows } from './rows.ts';
import { buildTree, withTreeOf } from './tree-before.ts';
import { untilSignal } from './until-signal.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const app = join('apps', 'benchmark');

await untilSignal(async (signal) => {
  process.exitCode = await runCiCommand(process.argv.slice(2), {
    print: (text) => process.stdout.write(`${text}\n`),
    complain: (text) => process.stderr.write(`${text}\n`),
    rows: ciRows.map(({ name }) => name),
    chooseReference: (against) => chooseReference(root, against),
    withReference: (commit, use) =>
      withTreeOf({ root, commit, signal }, async (tree) => {
        await buildTree(tree, { root, signal });
        const trees = { now: join(root, app), before: join(tree, app) };
        return use((rows) => measureRound(rows, trees, { sliceMs: 20, pairs: 8, signal }));
      }),
  });
});
