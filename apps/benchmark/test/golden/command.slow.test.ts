import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { goldenFolder, readGolden } from '@gru4rec/test-support';
import { afterAll, describe, expect, it } from 'vitest';
import { runGoldenCommand } from '../../src/golden/command.ts';

const app = fileURLToPath(new URL('../../', import.meta.url));
const goldens = fileURLToPath(goldenFolder);
const folder = mkdtempSync(join(tmpdir(), 'golden-command-'));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * Runs the command in its own process, started in the app like pnpm does, with `from` as the user's current directory.
 */
function golden(
  words: readonly string[],
  from = folder,
): { status: number | null; out: string; err: string } {
  const start = ['--import', 'tsx', '--conditions=@gru4rec/source', join(app, 'src/main.ts'), 'golden'];
  const env = { ...process.env, INIT_CWD: from, NODE_OPTIONS: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [...start, ...words], {
    cwd: app,
    env,
    encoding: 'utf8',
  });
  return { status, out: stdout, err: stderr };
}

describe('pnpm golden', () => {
  it('prints one line per run, for a folder relative to the current directory, and exits with 0', () => {
    const words = ['golden', '--engine', 'wasm', '--only', '^xe-(separate|one)'];
    const { status, out, err } = golden(words, dirname(goldens));
    const line =
      /^xe-\S+ +wasm +loss \d\.\de-\d+ {2}parameters \d\.\de-\d+ \(\S+\) {2}evaluation \S+ {2}pass$/;
    const lines = out.trimEnd().split('\n');
    expect(lines).toEqual([expect.stringMatching(line), expect.stringMatching(line), '2 passed, 0 failed']);
    expect([status, err]).toEqual([0, '']);
  });

  it('counts an unknown loss, another run and an unreadable file as failures and exits with 1', () => {
    for (const file of ['events.tsv', 'test-events.tsv']) cpSync(join(goldens, file), join(folder, file));
    const { config, ...rest } = readGolden(join(goldens, 'xe-separate.json'));
    const tensors = { initial: {}, final: {} };
    for (const loss of ['hinge', 'top1']) {
      const other = { ...rest, ...tensors, config: { ...config, loss } };
      writeFileSync(join(folder, `${loss}.json`), JSON.stringify(other));
    }
    writeFileSync(join(folder, 'torn.json'), '{"name": "to');
    cpSync(join(goldens, 'xe-separate.json'), join(folder, 'xe-separate.json'));
    const { status, out } = golden(['.', '--engine', 'wasm']);
    expect(status).toBe(1);
    expect(out).toMatch(/^hinge +wasm +configuration: "loss" expected one of .*, got "hinge" {2}FAIL$/m);
    expect(out).toMatch(/^top1 +wasm +loss .* FAIL$/m);
    expect(out).toMatch(/^torn +wasm +.*JSON.* FAIL$/m);
    expect(out).toMatch(/^xe-separate .* pass$/m);
    expect(out).toMatch(/^1 passed, 3 failed$/m);
  });

  it('exits with 2 for a folder that is not there, and says why on standard error', () => {
    const { status, out, err } = golden(['nowhere']);
    expect([status, out]).toEqual([2, '']);
    expect(err).toContain('golden: cannot read the folder. ENOENT');
  });
});

/** The command in this process. */
async function inProcess(words: readonly string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const status = await runGoldenCommand(words, {
    resolvePath: (path) => path,
    print: (line) => out.push(line),
    complain: (line) => err.push(line),
  });
  return { status, out, err };
}

describe('runGoldenCommand', () => {
  it('runs every engine where none is named', async () => {
    const { status, out } = await inProcess([goldens, '--only', 'bprmax-sampled']);
    expect(status).toBe(0);
    const engines = out.map((line) => line.split(/ +/)[1]);
    expect(engines).toEqual(['wasm', 'wasm-composed', 'reference', 'passed,']);
  });

  it.each([
    ['two folders', [goldens, goldens], 'Unknown argument'],
    ['a pattern that nothing matches', [goldens, '--only', 'nothing'], 'no golden file (*.json) in'],
    ['a pattern that is no expression', [goldens, '--only', '('], '"only" expected a regular expression'],
    ['an unknown engine', [goldens, '--engine', 'abacus'], 'Choices: "wasm", "wasm-composed", "wasm-avx512"'],
  ])('gives 2 for %s', async (_what, words, text) => {
    const { status, out, err } = await inProcess(words);
    expect([status, out]).toEqual([2, []]);
    expect(err.join()).toContain(text);
  });
});
