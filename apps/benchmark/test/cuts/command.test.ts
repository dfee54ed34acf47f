import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runCutsCommand } from '../../src/cuts/command.ts';

const folder = mkdtempSync(join(tmpdir(), 'cuts-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(words: string) {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await runCutsCommand(words.split(' '), {
    resolvePath: (path) => join(folder, path),
    print: (line) => out.push(line),
    complain: (line) => err.push(line),
  });
  return { status, out, err };
}

describe('runCutsCommand', () => {
  it('counts the pairs of a user that pauses and session ids cut or keep alike', async () => {
    const minutes: [user: string, session: string, minute: number][] = [
      ['ann', 'a', 0],
      ['ann', 'a', 5], // kept by both
      ['bob', 'x', 6],
      ['ann', 'b', 60], // cut by both
      ['bob', 'x', 61], // cut only by the pause
      ['bob', 'y', 62], // cut only by the log
      ['bob', 'y', 92], // kept: the gap is no longer than 30 minutes
    ];
    const lines = minutes.map(
      ([user, session, minute]) => `${user},${session},${1_700_000_000 + 60 * minute}`,
    );
    writeFileSync(join(folder, 'log.csv'), ['user_id,session_id,Time', ...lines].join('\n'));
    expect(await run('--input log.csv')).toEqual({
      status: 0,
      out: [
        '5 pairs of successive events of a user',
        'alike: 3 (60.0 %); kept by both 2, cut by both 1',
        'cut only by the pause: 1 (20.0 %); only by the log: 1 (20.0 %)',
      ],
      err: [],
    });
  });

  it('answers bad input with 1 and a wrong command line with 2', async () => {
    const { status, err } = await run('--input none.csv');
    expect([status, err.length]).toEqual([1, 1]);
    expect(err[0]).toContain('"input" expected a file, got nothing');
    expect((await run('--input log.csv --gap-minutes 0')).status).toBe(2);
    expect(await run('--input log.csv --gap 5')).toEqual({
      status: 2,
      out: [],
      err: ['Unknown argument: gap'],
    });
  });
});
