import { describe, expect, it } from 'vitest';
import { runPeer } from '../../src/peers/run-peer.ts';

/** Replaces a peer: a Node program whose last argument is the file of the request. */
const program = (text: string) => ({ file: process.execPath, words: ['-e', text] });
const emit = (event: string) => `console.log(JSON.stringify(${event}));`;

describe('runPeer', () => {
  it('passes the request and the number of threads, and collects the reports', async () => {
    const text = `const request = JSON.parse(require('fs').readFileSync(process.argv[1]));
      ${emit('{event: "epoch", task: request.task, threads: process.env.OMP_NUM_THREADS}')} ${emit('{event: "done"}')}`;
    const events = await runPeer(program(text), { task: 'train', threads: 2 });
    expect(events).toEqual([{ event: 'epoch', task: 'train', threads: '2' }, { event: 'done' }]);
  });

  it('fails with the last lines of a complaint', async () => {
    const text = `console.error('Traceback'); console.error('ImportError: no torch'); process.exit(1);`;
    await expect(runPeer(program(text), { threads: 1 })).rejects.toThrow(
      'ended with 1: Traceback / ImportError: no torch',
    );
  });

  it('fails without "done"', async () => {
    await expect(runPeer(program(emit('{event: "epoch"}')), { threads: 1 })).rejects.toThrow(
      'ended without "done": it said nothing',
    );
  });

  it('says so if the system killed it', async () => {
    const text = `process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);`;
    await expect(runPeer(program(text), { threads: 1 })).rejects.toThrow(
      'killed by the system, as it does when out of memory',
    );
  });

  it('fails if the program is not there', async () => {
    await expect(runPeer({ file: '/no/python', words: [] }, { threads: 1 })).rejects.toThrow('ENOENT');
  });
});
