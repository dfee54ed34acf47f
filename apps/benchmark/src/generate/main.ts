import { resolve } from 'node:path';
import { runGenerateCommand } from './command.ts';

const controller = new AbortController();
const signals = { SIGINT: 130, SIGTERM: 143 } as const;
for (const [name, status] of Object.entries(signals)) process.once(name, () => controller.abort(status));

try {
  process.exitCode = await runGenerateCommand(process.argv.slice(2), {
    resolvePath: (path) => resolve(process.env.INIT_CWD ?? process.cwd(), path),
    print: (line) => process.stdout.write(`${line}\n`),
    complain: (line) => process.stderr.write(`${line}\n`),
    signal: controller.signal,
  });
} catch (error) {
  if (!controller.signal.aborted) throw error;
  process.exitCode = controller.signal.reason as number;
}
