import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readGroups } from '../../src/arguments/read-groups.ts';
import { describeError } from '../../src/terminal/describe-error.ts';
import { makeFolder } from '../run-trainer.ts';

/** Writes a file of groups. */
function groupsFile(text: string): string {
  const file = join(makeFolder(), 'groups.csv');
  writeFileSync(file, text);
  return file;
}

describe('readGroups', () => {
  it('reads CSV with quotes, a byte order mark and empty lines', async () => {
    const file = groupsFile('\uFEFFitem,brand\r\n"a,b","the ""B"""\r\n\r\n01,x\r\n');
    expect([...(await readGroups(file))]).toEqual([
      ['a,b', 'the "B"'],
      ['01', 'x'],
    ]);
  });

  it('reads TSV', async () => {
    expect([...(await readGroups(groupsFile('item\tgroup\na,b\tx, y\n')))]).toEqual([['a,b', 'x, y']]);
  });

  it('gives an item with an empty group no group', async () => {
    expect([...(await readGroups(groupsFile('item,group\na,\nb,x\n')))]).toEqual([['b', 'x']]);
  });

  const wrong: readonly [text: string, message: RegExp][] = [
    ['', /^The groups \S+ expected a header and two columns, got 0 columns$/],
    ['item\n1\n', /^The groups \S+ expected a header and two columns, got 1 columns$/],
    [
      'item,group\n1,x\n2,y,z\n',
      /^The groups \S+ cannot be read: Invalid Record Length: .* got 3 on line 3$/,
    ],
    [
      'group,item\nx,1\n',
      /^The groups \S+ expected a header with the columns item and group, got "group,item"$/,
    ],
    ['1,x\n2,x\n', /columns item and group, got "1,x"$/],
    ['item,group\n1,x\n1,y\n', /^The groups \S+ put item "1" into x and y$/],
    ['item,group\n1,"x\n', /^The groups \S+ cannot be read: Quote Not Closed: .* line \d/],
  ];

  it.each(wrong)('refuses %j', async (text, message) => {
    const error = await readGroups(groupsFile(text)).catch((caught) => caught);
    expect(describeError(error)).toMatch(message);
  });

  it('names a missing file', async () => {
    await expect(readGroups('none.csv')).rejects.toThrow('The groups none.csv cannot be read');
  });
});
