import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runPeersCommand } from '../../src/peers/command.ts';
import { installPeer } from '../../src/peers/install.ts';
import { failureFile, peerNames, peerProblem, requirementsOf, versionOf } from '../../src/peers/peers.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'benchmark-peers-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Creates the folder of a virtual environment, and fails on request. */
function pretend(failure?: string) {
  const calls: string[] = [];
  const run = async (file: string, words: readonly string[]): Promise<void> => {
    calls.push([file, ...words].join(' '));
    if (words.includes('venv')) mkdirSync(words.at(-1) ?? '', { recursive: true });
    else if (failure) throw Object.assign(new Error('failed'), { stderr: failure });
  };
  return { calls, run };
}

describe('installPeer', () => {
  it('makes a virtual environment and installs pinned versions into it, once', async () => {
    const { calls, run } = pretend();
    expect(await installPeer('polars', { directory, python: 'python3', run })).toBe('installed');
    expect(calls[0]).toBe(`python3 -m venv --clear ${join(directory, 'polars')}`);
    expect(calls[1]).toMatch(/pip install .*--no-deps -r .*polars\.txt$/);
    expect(peerProblem(directory, 'polars')).toBeUndefined();
    expect(await installPeer('polars', { directory, python: 'python3', run })).toBe('present');
    expect(calls.length).toBe(2);
  });

  it('keeps why a peer cannot be installed, for the report, until it can', async () => {
    const stderr = 'Collecting torch\nERROR: No matching distribution found for torch\n[notice] a new pip';
    const result = await installPeer('cornac', { directory, python: 'python3', run: pretend(stderr).run });
    expect((result as Error).message).toBe('ERROR: No matching distribution found for torch');
    expect(peerProblem(directory, 'cornac')).toBe(
      'could not be installed: ERROR: No matching distribution found for torch',
    );
    await installPeer('cornac', { directory, python: 'python3', run: pretend().run });
    expect(existsSync(failureFile(directory, 'cornac'))).toBe(false);
  });
});

describe('peerProblem', () => {
  it('says how to install a missing peer', () => {
    expect(peerProblem(directory, 'pandas')).toBe(
      'not installed; run: pnpm --filter benchmark peers --only pandas',
    );
  });
});

describe('requirementsOf', () => {
  it.each(peerNames)('pins every package of %s', (peer) => {
    for (const line of requirementsOf(peer).trim().split('\n')) expect(line).toMatch(/^[\w.-]+==[\w.]+$/);
    expect(versionOf(peer)).toMatch(new RegExp(`^${peer} \\d+\\.\\d+`));
  });
});

describe('runPeersCommand', () => {
  async function run(words: readonly string[], failure?: string) {
    const [out, err]: [string[], string[]] = [[], []];
    const status = await runPeersCommand(words, {
      resolvePath: (path) => join(directory, path),
      print: (text) => out.push(text),
      complain: (text) => err.push(text),
      run: pretend(failure).run,
    });
    return { status, out, err };
  }

  it('installs the named peers', async () => {
    const { status, out } = await run(['--only', 'pandas', 'polars', '--directory', 'here']);
    expect([status, out.length]).toEqual([0, 2]);
    expect(out[0]).toMatch(/^pandas [\d.]+: installed$/);
    expect(existsSync(join(directory, 'here', 'polars'))).toBe(true);
  });

  it('gives 1 for a peer that cannot be installed', async () => {
    const { status, err } = await run(['--only', 'recbole', '--directory', 'here'], 'error: disk full');
    expect([status, err]).toEqual([1, ['recbole: cannot be installed: error: disk full']]);
  });

  it('gives 2 for a peer there is not', async () => {
    expect((await run(['--only', 'gensim'])).status).toBe(2);
  });
});
