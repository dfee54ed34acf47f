import { describe, expect, it } from 'vitest';
import { terminalOn } from '../../src/terminal/terminal.ts';
import { Sink } from '../run-trainer.ts';

describe('terminalOn', () => {
  it('escapes control characters on both streams, and keeps JSON exact', () => {
    const [stdout, stderr] = [new Sink(), new Sink()];
    const terminal = terminalOn({ stdout, stderr, directory: '/' });
    const hostile = '\u001b[2J\u202e\n';
    terminal.stdout.write(hostile);
    terminal.stderr.write(hostile);
    expect([stdout.text, stderr.text]).toEqual(Array(2).fill('\\x1b[2J\\u{202e}\n'));
    terminal.stdout.writeJson({ hostile, c1: '\u009b' });
    const [, line = ''] = stdout.text.split('\n');
    expect(JSON.parse(line)).toEqual({ hostile, c1: '\u009b' });
    expect(line).toContain('\u009b');
  });
});
