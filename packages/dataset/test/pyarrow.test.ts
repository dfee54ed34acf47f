import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { writeDataset } from '../src/index.ts';
import { sourceOf } from './table.ts';

const python = process.env['GRU4REC_PYTHON'] ?? 'python3';
const program = `
import json, sys, pyarrow
table = pyarrow.ipc.open_file(sys.argv[1] + '/train.arrow').read_all()
table.validate(full=True)
items = pyarrow.ipc.open_file(sys.argv[1] + '/items.arrow').read_all()
items.validate(full=True)
print(json.dumps([str(table.schema), str(items.schema), table.to_pydict(), items.to_pydict()]))
`;

const sessions = Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? [0, 1] : [2, 1, 0]));

describe('pyarrow', () => {
  it('reads the files', async (ctx) => {
    const found = spawnSync(python, ['-c', 'import pyarrow'], { encoding: 'utf8' });
    if (found.status !== 0) ctx.skip(`${python} has no pyarrow; name another interpreter in GRU4REC_PYTHON`);
    const directory = join(testFolder(), 'dataset');
    await writeDataset(directory, sourceOf(sessions, 3));
    const run = spawnSync(python, ['-c', program, directory], { encoding: 'utf8' });
    expect(run.stderr).toBe('');
    expect(JSON.parse(run.stdout)).toEqual([
      expect.stringMatching(
        /^id: string not null\nitems: list<item: int32 not null> not null\n.*times: list<item: int64 not null> not null/s,
      ),
      expect.stringMatching(/^id: string not null\nsupport: int32 not null/),
      {
        id: sessions.map((_, index) => `s${index}`),
        items: sessions,
        times: sessions.map((items, index) => items.map((_, event) => (index + event) * 1000)),
      },
      { id: ['i0', 'i1', 'i2'], support: [60, 60, 30] },
    ]);
  });
});
