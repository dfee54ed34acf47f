import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { expect, it } from 'vitest';
import { runFieldCommand } from '../../src/field/command.ts';
import { leaveOut, periods } from '../../src/field/protocols.ts';
import type { Row } from '../../src/field/rows.ts';
import type { Result } from '../../src/field/run-row.ts';

const folder = testFolder();
const output = join(folder, 'results');

/** Sessions that walk round ten items. */
const walks = (count: number, length: number): number[][] =>
  Array.from({ length: count }, (_, first) => Array.from({ length }, (_, step) => (first + step) % 10));
const clicks = walks(30, 4).flatMap((items, session) => items.map((item) => `${session} ${item}`));
const users = walks(30, 6).map((items, user) => [user, ...items].join(' '));
for (const [name, content] of Object.entries({
  'users.txt': users.join('\n').replace('5 5 6 7 8 9 0', '5 5 6 7 8 9 77'),
  'attributes.json': '{"0": [1, 2], "1": [2]}',
  'day.txt': clicks.join('\n'),
}))
  writeFileSync(join(folder, name), content);

const figures: Row['figures'] = [['recall', 2]];
const days = { files: Array(3).fill('day.txt'), evaluation: {}, figures, predictions: 180 };
const rows: Record<string, Row> = {
  users: {
    files: ['users.txt', 'attributes.json'],
    protocol: leaveOut(1),
    predictions: 30,
    evaluation: { protocol: 'last', excludeSeen: true },
    figures,
  },
  days: { ...days, protocol: periods(1) },
  'days-once': { ...days, protocol: periods(1, 'once') },
};
const sizes = { layers: [16], batchSize: 8, nSample: 8, hardNegatives: 0 };
const changes = { ...sizes, nEpochs: 3, holdOut: 0, patience: 0, parts: ['network'] } as const;

async function run(given: string[], of: Record<string, Row> = rows) {
  const lines: string[] = [];
  const print = (text: string) => void lines.push(text);
  const words = `--data-folder ${folder} --threads 1 --output ${output} --presets fast`
    .split(' ')
    .concat(given);
  const surroundings = { resolvePath: String, print, complain: print };
  const status = await runFieldCommand(words, surroundings, { rows: of, changes });
  return { status, text: lines.join('\n') };
}

const resultOf = (name: string): Result => JSON.parse(readFileSync(join(output, `${name}.json`), 'utf8'));
const store = (name: string, changes: object): void =>
  writeFileSync(join(output, `${name}.json`), JSON.stringify({ ...resultOf(name), ...changes }));

it('trains what is not stored with each seed, and shows the interval by session and between seeds', async () => {
  const words = ['--seeds', '1', '2'];
  expect((await run(words)).status).toBe(0);
  for (const [name, { predictions }] of Object.entries(rows)) {
    const result = resultOf(`${name}-fast-2`);
    expect(result).toMatchObject({ predictions, missed: name === 'users' ? 1 : 0, config: { seed: 2 } });
    // What follows an item is certain here.
    const least = name === 'users' ? 0 : name === 'days-once' ? 0.5 : 0.9;
    expect(result.figures['recall@2']?.[0], name).toBeGreaterThan(least);
  }
  for (const seed of [1, 2]) {
    const value = 0.48 + 0.02 * seed;
    store(`users-fast-${seed}`, { figures: { 'recall@2': [value, value - 0.1, value + 0.1] } });
    store(`days-fast-${seed}`, { config: {}, trainSeconds: 6000 });
  }
  // √(0.1² + (12.706 · 0.01)²)
  expect((await run(words)).text).toContain('| 0.5100 (0.3483–0.6717) |');
  expect(resultOf('days-fast-1').trainSeconds).toBeLessThan(6000);
});

it('refuses files of another number of predictions', async () => {
  const users = { ...rows['users'], predictions: 29 } as Row;
  const text = 'field: users expected files of 29 predictions, got 30';
  expect(await run(['--count'], { users })).toEqual({ status: 1, text });
});
