import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runFieldCommand } from '../../src/field/command.ts';
import { leaveOut, periods, prefixFiles } from '../../src/field/protocols.ts';
import type { Row } from '../../src/field/rows.ts';
import type { Result } from '../../src/field/run-row.ts';
import { pickle, prefixesOf } from './published-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'field-'));
const output = join(folder, 'results');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Sessions that walk round ten items. */
const walks = (count: number, length: number): number[][] =>
  Array.from({ length: count }, (_, first) => Array.from({ length }, (_, step) => (first + step) % 10));

const files = {
  'train.txt': pickle(walks(60, 5)),
  // Five prefixes per session.
  'test.txt': pickle(prefixesOf(walks(20, 6)), true),
  'users.txt': walks(30, 6)
    .map((items, user) => [user, ...items].join(' '))
    .join('\n')
    .replace('5 5 6 7 8 9 0', '5 5 6 7 8 9 77'),
  'attributes.json': '{"0": [1, 2], "1": [2]}',
  ...Object.fromEntries(
    [0, 1, 2].map((period) => [
      `period_${period}.txt`,
      walks(30, 4)
        .flatMap((items, session) => items.map((item) => `${session} ${item}`))
        .join('\n'),
    ]),
  ),
};
for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);

const figures: Row['figures'] = [
  ['recall', 2],
  ['mrr', 2],
];
const next = { evaluation: {}, figures };
const days = [0, 1, 2].map((period) => `period_${period}.txt`);
const rows: Record<string, Row> = {
  prefixes: { ...next, files: ['train.txt', 'test.txt'], protocol: prefixFiles, predictions: 100 },
  users: {
    ...{ files: ['users.txt', 'attributes.json'], protocol: leaveOut(1), predictions: 30 },
    ...{
      evaluation: { protocol: 'last', excludeSeen: true },
      figures: [...figures, ['ndcg', 2]],
    },
  },
  days: { ...next, files: days, protocol: periods(1), predictions: 180 },
  'days-once': { ...next, files: days, protocol: periods(1, 'once'), predictions: 180 },
  'days-anew': { ...next, files: days, protocol: periods(1, 'anew'), predictions: 180 },
};
const changes = {
  layers: [16],
  batchSize: 8,
  nSample: 8,
  hardNegatives: 0,
  nEpochs: 3,
  holdOut: 0,
  patience: 0,
  parts: ['network'],
} as const;

async function run(given: string[], of: Record<string, Row> = rows) {
  const [printed, lines]: [string[], string[]] = [[], []];
  const surroundings = {
    resolvePath: String,
    print: (text: string) => void printed.push(text),
    complain: (text: string) => void lines.push(text),
  };
  const words = ['--data-folder', folder, '--threads', '1', '--output', output, ...given];
  const status = await runFieldCommand(words, surroundings, { rows: of, changes });
  return { status, printed: printed.join('\n'), lines };
}

const resultOf = (name: string): Result => JSON.parse(readFileSync(join(output, `${name}.json`), 'utf8'));

describe('field', () => {
  it('trains each preset with each seed, predicts once, and does not repeat what is stored', async () => {
    const words = ['--seeds', '1', '2', '--presets', 'fast'];
    const { status, printed } = await run(words);
    expect(status).toBe(0);
    expect(readdirSync(output)).toHaveLength(10);
    for (const [name, { predictions }] of Object.entries(rows)) {
      const result = resultOf(`${name}-fast-2`);
      expect(result).toMatchObject({ predictions, missed: name === 'users' ? 1 : 0, config: { seed: 2 } });
      const [mean = 0, lower = 0, upper = 0] = Object.values(result.figures)[0] ?? [];
      expect(lower).toBeLessThanOrEqual(mean);
      expect(upper).toBeGreaterThanOrEqual(mean);
    }
    // What follows an item is certain here.
    expect(resultOf('days-fast-1').figures['recall@2']?.[0]).toBeGreaterThan(0.9);
    expect(resultOf('days-anew-fast-1').figures['recall@2']?.[0]).toBeGreaterThan(0.9);
    expect(resultOf('days-once-fast-1').figures['recall@2']?.[0]).toBeGreaterThan(0.5);
    expect(printed).toContain('2 × 0.0 minutes, 1 missed');
    expect((await run(words)).printed).toBe(printed);
  });

  it('trains again what is stored of another configuration', async () => {
    await run(['--seeds', '1', '--presets', 'fast']);
    const stored = { ...resultOf('users-fast-1'), config: {}, trainSeconds: 6000 };
    writeFileSync(join(output, 'users-fast-1.json'), JSON.stringify(stored));
    await run(['--seeds', '1', '--presets', 'fast']);
    expect(resultOf('users-fast-1').trainSeconds).toBeLessThan(6000);
  });

  it.each([
    ['one seed', ['1'], '0.5000 (0.4000–0.6000)'],
    // √(0.1² + (12.706 · 0.014142 / √2)²)
    ['two seeds', ['1', '2'], '0.5100 (0.3483–0.6717)'],
    // √(0.1² + (4.303 · 0.02 / √3)²)
    ['three seeds', ['1', '2', '3'], '0.5200 (0.4083–0.6317)'],
  ])('prints the interval of %s, by session and between seeds', async (_, seeds, interval) => {
    const words = ['--presets', 'fast', '--seeds', ...seeds];
    const users = { users: rows['users'] as Row };
    await run(words, users);
    for (const seed of seeds) {
      const result = resultOf(`users-fast-${seed}`);
      const value = 0.48 + 0.02 * Number(seed);
      const figures = { ...result.figures, 'recall@2': [value, value - 0.1, value + 0.1] };
      writeFileSync(join(output, `users-fast-${seed}.json`), JSON.stringify({ ...result, figures }));
    }
    expect((await run(words, users)).printed).toContain(`| ${interval} |`);
  });

  it.each([
    [1, 'field: prefixes expected files of 99 predictions, got 100', { predictions: 99 }, []],
    [2, /^field: expected .*none.txt, which does not exist/, { files: ['none.txt'] }, []],
    [2, 'field: --seeds expected integers ≥ 0, got 1 -2', {}, ['--seeds', '1', '-2']],
    [2, /Invalid values/, {}, ['--only', 'movies']],
  ])('ends with %i: %s', async (status, message, change, words) => {
    const row = { ...rows['prefixes'], ...change } as Row;
    const found = await run(['--count', ...words], { prefixes: row });
    expect(found).toMatchObject({ status, printed: '', lines: [expect.stringMatching(message)] });
  });
});
