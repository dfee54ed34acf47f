import { describe, expect, it } from 'vitest';
import { lastEvent, numbersOf, runPeer } from '../../src/peers/peers.ts';

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
});

describe('lastEvent', () => {
  it('is the last of its kind, or names the events that exist instead', () => {
    const events = [{ event: 'epoch', seconds: 2 }, { event: 'epoch', seconds: 3 }, { event: 'done' }];
    expect(numbersOf(lastEvent(events, 'epoch'), ['seconds'])).toEqual({ seconds: 3 });
    expect(() => lastEvent(events, 'prepared')).toThrow(
      'expected an event "prepared", got epoch, epoch, done',
    );
  });
});

describe('numbersOf', () => {
  it('refuses a value that is not a number', () => {
    expect(() => numbersOf({ event: 'done', recall: 'high' }, ['recall'])).toThrow(
      'peer: "done" expected a number "recall", got "high"',
    );
  });
});
