import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSessionLines, type SessionLine } from '../../src/arguments/read-sessions.ts';
import { type Answers, answerWith } from '../../src/commands/recommend.ts';
import { describeError } from '../../src/terminal/describe-error.ts';
import { makeFolder } from '../run-trainer.ts';

/** Reads a file with this text. */
async function readText(text: string): Promise<SessionLine[]> {
  const file = join(makeFolder(), 'sessions.jsonl');
  writeFileSync(file, text);
  return readAll(file);
}

async function readAll(file: string): Promise<SessionLine[]> {
  const lines: SessionLine[] = [];
  for await (const line of readSessionLines(file)) lines.push(line);
  return lines;
}

describe('readSessionLines', () => {
  it('reads a session per line, with its line number', async () => {
    const text = '\uFEFF{"session":"a","items":["1","2"]}\r\n\n{"items":[],"session":"b","more":1}';
    expect(await readText(text)).toEqual([
      { session: 'a', items: ['1', '2'], line: 1 },
      { session: 'b', items: [], line: 3 },
    ]);
  });

  it('reads lines longer than a chunk of the file', async () => {
    const items = Array.from({ length: 30_000 }, (_, i) => `é${i}\u2028`);
    const line = JSON.stringify({ session: 'long', items });
    expect(await readText(`${line}\n${line}\n`)).toEqual([
      { session: 'long', items, line: 1 },
      { session: 'long', items, line: 2 },
    ]);
  });

  it('reads whole numbers as ids', async () => {
    expect(await readText('{"session": 7, "items": [1, "2", -3.0]}')).toEqual([
      { session: '7', items: ['1', '2', '-3'], line: 1 },
    ]);
  });

  const good = '{"session":"a","items":["1"]}\n';
  const wrong: readonly [line: string, message: RegExp][] = [
    ['{"session":"a"', /sessions\.jsonl:2: expected a line of JSON: /],
    ['null', /sessions\.jsonl:2: "session" expected a string or a whole number, got nothing$/],
    [
      '{"session":"a","items":["1",2.5]}',
      /sessions\.jsonl:2: "items" expected a list of texts or whole numbers, got \["1",2\.5\]$/,
    ],
  ];

  it.each(wrong)('refuses %s with file and line', async (line, message) => {
    const error = await readText(`${good}${line}\n`).catch((caught) => caught);
    expect(describeError(error)).toMatch(message);
  });

  it('names an unreadable file', async () => {
    await expect(readAll('none.jsonl')).rejects.toThrow('The sessions none.jsonl cannot be read');
    await expect(readAll(makeFolder())).rejects.toThrow('cannot be read');
  });
});

const items = Array.from({ length: 30 }, (_, i) => ({ id: `i${i}`, score: -i }));
const answers: Answers = {
  recommend: (n) => items.slice(0, n),
  rank: (itemIds) => ({ items: items.filter(({ id }) => [...itemIds].includes(id)), unknown: [] }),
};
const candidates = items.slice(2, 27).map(({ id }) => id);

describe('answerWith', () => {
  it('gives 20 items, all candidates or the requested number', () => {
    const count = (top?: number, list?: readonly string[]) =>
      answerWith(answers, { top, candidates: list, selection: {} }).length;
    expect([count(), count(3), count(undefined, candidates), count(3, candidates)]).toEqual([20, 3, 25, 3]);
  });

  it('names the groups in use', () => {
    const groups = new Map([['i0', 'x']]);
    expect(answerWith(answers, { top: 2, candidates: undefined, selection: { groups } })).toEqual([
      { id: 'i0', score: -0, group: 'x' },
      { id: 'i1', score: -1 },
    ]);
  });
});
