import { hostname } from 'node:os';
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { runCli } from '../src/cli.ts';

/** A standard stream that collects its output. */
function keep(): { readonly stream: Writable; readonly text: () => string } {
  let text = '';
  const write = (chunk: unknown, _encoding: string, done: () => void): void => {
    text += String(chunk);
    done();
  };
  return { stream: new Writable({ write }), text: () => text };
}

// Reports its host, then runs command lines that arrive as lines of JSON, [folder, ...argv], one after another.
process.stdout.write(`${JSON.stringify({ pid: process.pid, host: hostname() })}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  const [directory = '', ...argv] = JSON.parse(line) as string[];
  const [stdout, stderr] = [keep(), keep()];
  const code = await runCli(argv, { stdout: stdout.stream, stderr: stderr.stream, directory });
  process.stdout.write(`${JSON.stringify({ code, stdout: stdout.text(), stderr: stderr.text() })}\n`);
}
