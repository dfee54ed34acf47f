import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { runProgram, withTreeOf } from '../../src/ci/tree-before.ts';
import { untilSignal } from '../../src/command-line.ts';

const [root, commit] = process.argv.slice(2) as [string, string];

/** Starts another process that waits and holds the output open: the program ends only if both do. */
const program = `
  const { spawn } = require('node:child_process');
  spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }).on('spawn', () => {
    require('node:fs').writeFileSync('started', '');
  });
`;

await untilSignal((signal) =>
  withTreeOf({ root, commit, signal }, async (tree) => {
    const waiting = runProgram([process.execPath, '-e', program], { cwd: tree, signal });
    waiting.catch(() => {});
    while (!existsSync(join(tree, 'started'))) await setTimeout(20);
    process.send?.(tree);
    await waiting;
  }),
);
