import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, type Outcome, runHere } from './run-trainer.ts';

/** Sets the title, reverses the text direction, clears the screen with a C1 code. */
const hostile = '\u001b]0;owned\u0007\u202e\u009b2J';
const shown = '\\x1b]0;owned\\x07\\u{202e}\\x9b2J';
const item = (n: number) => `item${n % 6}${hostile}`;
let folder = '';

/** Expects no control characters on either stream. */
function expectHarmless({ stdout, stderr }: Outcome): void {
  for (const text of [stdout, stderr]) {
    expect(text.replaceAll('\n', '').replaceAll('\t', '')).not.toMatch(
      /[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/u,
    );
  }
}

async function run(line: string): Promise<Outcome> {
  const outcome = await runHere(folder, line);
  expectHarmless(outcome);
  return outcome;
}

beforeAll(async () => {
  folder = makeFolder(afterAll);
  const rows = Array.from(
    { length: 240 },
    (_, n) => `s${n >> 2}${hostile},${item(n + (n >> 4))},${86_400 * (n >> 3)}`,
  );
  writeFileSync(join(folder, `log${hostile}.csv`), `SessionId,ItemId,Time\n${rows.join('\n')}\nx,,y\n`);
  const options = '--on-bad-row skip --test 5d --output data';
  expect(await run(`prepare --input log${hostile}.csv ${options}`)).toMatchObject({ code: 0, stdout: '' });
  const settings = 'nEpochs=1 layers=4 batchSize=4 nSample=4';
  expect((await run(`train data --output model --set ${settings}`)).code).toBe(0);
}, 60_000);

describe('ids and names with control characters', () => {
  it('are escaped by recommend, and exact in its JSON', async () => {
    const session = `recommend model --session ${JSON.stringify([item(1), `new${hostile}`])}`;
    const { code, stdout, stderr } = await run(session);
    expect([code, stdout.includes(`item2${shown}`)]).toEqual([0, true]);
    expect(stderr).toContain(`new${shown}`);
    const { stdout: json } = await runHere(folder, `${session} --json`);
    const { items, unknown } = JSON.parse(json);
    expect(items.map(({ id }: { id: string }) => id).sort()).toEqual([0, 1, 2, 3, 4, 5].map(item));
    expect(unknown).toEqual([`new${hostile}`]);
  });

  it('are escaped by inspect, evaluate and compare, in names of folders too', async () => {
    renameSync(join(folder, 'model'), join(folder, `model${hostile}`));
    const { stdout } = await run(`inspect model${hostile}`);
    expect(stdout).toContain(`model${shown}: GRU4Rec`);
    expect(stdout).toMatch(/Items: item\d\\x1b\]0;owned/);
    expect((await run(`evaluate model${hostile} --data data`)).code).toBe(0);
    expect((await run(`compare data --models model${hostile} pop --output report`)).code).toBe(0);
    const markdown = readFileSync(join(folder, 'report', 'report.md'), 'utf8');
    expect(markdown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e]/u);
  });

  it.each([
    ['a file that is missing', `inspect none${hostile}`],
    ['a key of a file', 'train data --output m --config keys.json'],
    ['bad rows', `prepare --input log${hostile}.csv --output x`],
  ])('are escaped in an error about %s', async (_, line) => {
    writeFileSync(join(folder, 'keys.json'), JSON.stringify({ [hostile]: 1 }));
    const { code, stderr } = await run(line);
    expect(code).toBeGreaterThan(0);
    expect(stderr).toMatch(/\\(x1b|u001b)/);
    expect(stderr).not.toContain('Unexpected');
  });
});
