import { EventEmitter } from 'node:events';
import { constants } from 'node:os';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { interruptOnSignal, watchErrors, watchOutput } from '../../src/terminal/leave-on-signal.ts';
import { Sink } from '../run-trainer.ts';

describe('interruptOnSignal', () => {
  /** Listens for signals until the end of the test, and records instead of exiting. */
  function listen() {
    const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
    const now = vi.spyOn(performance, 'now').mockReturnValue(1e6);
    const { signal, undo } = interruptOnSignal();
    onTestFinished(() => {
      undo();
      vi.restoreAllMocks();
    });
    return { signal, exit, now };
  }

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('aborts with %s', (name) => {
    const { signal, exit } = listen();
    process.emit(name, name);
    expect(signal.reason).toBe(name);
    expect(exit).not.toHaveBeenCalled();
  });

  it.each([
    ['takes a Ctrl-C that the launcher passes on again for the first', 'SIGINT', 900, []],
    ['exits at once on another signal later', 'SIGTERM', 1100, [[143]]],
    ['goes on saving if the launcher has exited after a signal', 'SIGHUP', 1100, []],
  ] as const)('%s', (_, second, laterMs, exits) => {
    const { signal, exit, now } = listen();
    process.emit('SIGINT', 'SIGINT');
    now.mockReturnValue(1e6 + laterMs);
    process.emit(second, second);
    expect(signal.reason).toBe('SIGINT');
    expect(exit.mock.calls).toEqual(exits);
  });
});

const processLike = (exitCode?: number) => Object.assign(new EventEmitter(), { exitCode });

function thrown(error: unknown, debug = false) {
  const [source, stderr] = [processLike(), new Sink()];
  const codes: number[] = [];
  watchErrors(source, { stderr, debug }, (code) => codes.push(code));
  source.emit('uncaughtException', error);
  return { text: stderr.text, codes };
}

describe('watchErrors', () => {
  it('exits with 1 and one line, without a stack', () => {
    const { text, codes } = thrown(new TypeError('x is not a function\u001b[2J'));
    expect(codes).toEqual([1]);
    expect(text).toMatch(
      /^Unexpected error: TypeError: x is not a function\\x1b\[2J\. This is a mistake .*\n$/,
    );
  });

  it('exits with 1 and one line if a promise never settles, for which Node has code 13', () => {
    const [left, done, stderr] = [processLike(13), processLike(2), new Sink()];
    for (const source of [left, done]) {
      watchErrors(source, { stderr, debug: false }, () => undefined);
      source.emit('exit');
    }
    expect([left.exitCode, done.exitCode]).toEqual([1, 2]);
    expect(stderr.text).toMatch(/^The command waits for a promise that nothing settles, [^\n]*\n$/);
  });

  it('adds the stack in debug mode', () => {
    expect(thrown(new TypeError('x'), true).text).toMatch(/\n {4}at .*leave-on-signal\.test/);
  });
});

function watched() {
  const [stdout, stderr] = [new Sink(), new Sink()];
  const codes: number[] = [];
  watchOutput({ stdout, stderr }, (code) => codes.push(code));
  return { stdout, stderr, codes };
}

describe('watchOutput', () => {
  it('exits with 1 and one line if a result cannot be written', () => {
    const { stdout, stderr, codes } = watched();
    stdout.emit(
      'error',
      Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }),
    );
    expect(codes).toEqual([1]);
    expect(stderr.text).toBe('Standard output cannot be written: ENOSPC: no space left on device, write\n');
  });

  it('exits silently if the reader has closed the pipe', () => {
    const { stdout, stderr, codes } = watched();
    stdout.emit('error', Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    expect(codes).toEqual([128 + constants.signals.SIGPIPE]);
    expect(stderr.text).toBe('');
  });

  it('continues if progress cannot be written', () => {
    const { stderr, codes } = watched();
    stderr.emit('error', new Error('write EPIPE'));
    expect(codes).toEqual([]);
  });
});
