import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { runCli } from '@gru4rec/cli';

const printed: string[] = [];
const stream = () =>
  new Writable({
    write(chunk, _encoding, done) {
      printed.push(String(chunk));
      done();
    },
  });

const streams = { stdout: stream(), stderr: stream(), directory: process.cwd() };
assert.equal(await runCli(['--version'], streams), 0);
assert.match(printed.join(''), /^\d+\.\d+\.\d+/);
assert.equal(await runCli(['trian'], streams), 2);
assert.match(printed.join(''), /Did you mean train\?/);
