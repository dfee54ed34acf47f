import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { runProgram } from './run-program.ts';

const CLIENT = `
import { connect } from 'gru4rec/client';
const { items, fallback } = await connect(process.argv[2]).click('ann', process.argv[3], { n: 5 });
console.log(items.length, fallback);
`;

describe("README's program and gru4rec/client", () => {
  it('prepares, trains, evaluates, recommends and serves in Node', async () => {
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    await runProgram(process.execPath, [`--import=${tsx}`, '--conditions=@gru4rec/source']);
  });

  it.for([
    ['Bun', 'GRU4REC_BUN', ['--conditions=@gru4rec/source']],
    ['Deno', 'GRU4REC_DENO', ['run', '--allow-all', '--conditions=@gru4rec/source']],
  ] as const)('run in %s', async ([name, variable, argv], ctx) => {
    const command = process.env[variable];
    if (!command) return ctx.skip(`${variable} names no ${name}`);
    const { child, folder, url, itemIds } = await runProgram(command, argv);
    writeFileSync(join(folder, 'client.mjs'), CLIENT);
    const asked = [...argv, 'client.mjs', url, itemIds[0] ?? ''];
    expect((await promisify(execFile)(command, asked, { cwd: folder })).stdout).toBe('5 false\n');
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([0, null]);
  });
});
