import { resolve } from 'node:path';
import { untilSignal } from '../ci/until-signal.ts';
import { runStudyCommand } from './command.ts';

await untilSignal(async (signal) => {
  process.exitCode = await runStudyCommand(process.argv.slice(2), {
    resolvePath: (path) => resolve(process.env.INIT_CWD ?? process.cwd(), path),
    print: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
    signal,
  });
});
