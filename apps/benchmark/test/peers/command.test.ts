import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { runPeersCommand } from '../../src/peers/command.ts';
import { peerNames, peerProblem, requirementsOf, versionOf } from '../../src/peers/peers.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'benchmark-peers-'));
  vi.stubEnv('GRU4REC_PEERS', directory);
  return () => {
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true });
  };
});

/** The command, with a pip that only creates the folder of a virtual environment, or fails. */
async function run(words: readonly string[], failure?: string) {
  const [out, err, calls]: [string[], string[], string[]] = [[], [], []];
  const surroundings = {
    resolvePath: String,
    print: (text: string) => out.push(text),
    complain: (text: string) => err.push(text),
  };
  const status = await runPeersCommand(words, surroundings, (file, given) => {
    calls.push([file, ...given].join(' '));
    if (given.includes('venv')) mkdirSync(given.at(-1) ?? '', { recursive: true });
    else if (failure) throw new Error(failure);
  });
  return { status, out, err, calls };
}

describe('runPeersCommand', () => {
  it('makes virtual environments and installs pinned versions into them, once', async () => {
    expect(peerProblem('polars')).toBe('not installed; run: pnpm --filter benchmark peers --only polars');
    const { status, out, calls } = await run(['--only', 'pandas', 'polars']);
    expect([status, out.length]).toEqual([0, 2]);
    expect(out[0]).toMatch(/^pandas [\d.]+: installed$/);
    expect(calls[2]).toBe(`python3 -m venv --clear ${join(directory, 'polars')}`);
    expect(calls[3]).toMatch(/pip install .*--no-deps -r .*polars\.txt$/);
    expect(existsSync(join(directory, 'polars'))).toBe(true);
    expect(peerProblem('polars')).toBeUndefined();
    expect((await run(['--only', 'polars'])).calls).toEqual([]);
  });

  it('gives 1 for a peer that cannot be installed', async () => {
    const { status, err } = await run(['--only', 'cornac'], 'disk full');
    expect([status, err]).toEqual([1, ['cornac: cannot be installed: disk full']]);
    expect(peerProblem('cornac')).toContain('not installed');
  });

  it('gives 2 for a peer there is not', async () => {
    expect((await run(['--only', 'gensim'])).status).toBe(2);
  });
});

describe('requirementsOf', () => {
  it.each(peerNames)('pins every package of %s', (peer) => {
    for (const line of requirementsOf(peer).trim().split('\n')) expect(line).toMatch(/^[\w.-]+==[\w.]+$/);
    expect(versionOf(peer)).toMatch(new RegExp(`^${peer} \\d+\\.\\d+`));
  });
});
