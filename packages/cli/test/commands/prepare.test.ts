import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDataset } from '@gru4rec/dataset';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder, ok } from '../run-trainer.ts';

const directory = makeFolder(afterAll);
const write = (name: string, ...rows: string[]) =>
  writeFileSync(join(directory, name), rows.map((row) => `${row}\n`).join(''));

const head = 'SessionId\tItemId\tTime';
write('train.tsv', head, '00042\t7\t1', '00042\t8\t2', '5\t8\t3', '5\t7\t4', '6\t8\t9');
write('test.tsv', head, '7\t7\t20', '7\t9\t21', '7\t8\t22');
const views = ['u,1,0,view', 'u,2,60,view', 'u,3,121,view', 'u,4,122,buy', 'u,5,122,view'];
write('users.csv', 'user,ItemId,Time,type', ...views);

/** Standard error of `prepare`. @throws Error with it if the command fails. */
const run = async (line: string) => (await ok(directory, `prepare ${line}`)).stderr;

describe('trainer prepare', () => {
  it('makes a dataset from a train and a test file, relative to the user’s folder', async () => {
    const text = await run('--input train.tsv --test test.tsv --output data');
    const { itemIds, train, test } = await readDataset(join(directory, 'data'));
    expect(itemIds.slice()).toEqual(['7', '8']);
    expect(train.sessionIds).toEqual(['00042', '5']);
    expect(test?.items).toEqual(Int32Array.of(0, 1));
    expect(text.split('\n').slice(-10)).toEqual([
      'split  step                             events  sessions  items  removed events',
      'all    rows read                             8         4      3',
      'train  given split                           5         3      2',
      'test   given split                           3         1      3',
      'train  sessions of fewer than 2 events       4         2      2               1',
      'test   sessions of fewer than 2 events       3         1      3',
      'test   items unknown to training             2         1      2               1',
      'test   sessions of fewer than 2 events       2         1      2',
      expect.stringMatching(
        /\/data: 2 items, train 2 sessions of 4 events, test 1 session of 2 events, in \d+\.\d s$/,
      ),
      '',
    ]);
    expect(text).toContain(`read: ${join(directory, 'train.tsv')}\n`);
    expect(text).not.toContain('\u001b');
  });

  it('holds out the sessions that end last as a global temporal split', async () => {
    // In the reverse order of their ends.
    const times = Array.from({ length: 20 }, (_, at) => 20 - at);
    write('ends.tsv', head, ...times.flatMap((time) => [7, 8].map((item) => `${time}\t${item}\t${time}`)));
    await run('--input ends.tsv --split temporal --output temporal');
    const { train, validation, test } = await readDataset(join(directory, 'temporal'));
    expect(train.sessionIds).toHaveLength(16);
    expect(validation?.sessionIds.slice().sort()).toEqual(['17', '18']);
    expect(test?.sessionIds.slice().sort()).toEqual(['19', '20']);
  });

  it('names the options that help where a dataset is already', async () => {
    await run('--input train.tsv --output twice');
    await expect(run('--input train.tsv --output twice')).rejects.toThrow(
      /--output expected a new folder, got a session dataset, at \S+twice\. Choose another name or replace it \(--overwrite\)\.\n/,
    );
  });

  it('refuses event types that do not occur, and lists those that do', async () => {
    const user = '--input users.csv --columns user=user type=type --output types --overwrite';
    expect(await run(`${user} --event-types view veiw`)).toMatch(
      /^Warning: Did you mean view\? No event is of type "veiw"; the types of the log are "view", .*$/m,
    );
    expect(await run(`${user} --event-types view`)).not.toContain('Warning');
    await expect(run(`${user} --event-types veiw`)).rejects.toThrow(
      /got none among .* Did you mean view\? No event is of type "veiw"/,
    );
  });

  it('cuts users into sessions and keeps event types', async () => {
    await run(
      '--input users.csv --output users --columns user=user type=type --session-gap 1m --event-types view',
    );
    const { train, itemIds } = await readDataset(join(directory, 'users'));
    expect(train.sessionIds).toEqual(['u#1', 'u#2']);
    expect(itemIds.slice()).toEqual(['1', '2', '3', '5']);
  });

  it('splits by a fraction or a date, and warns of a small split', async () => {
    expect(await run('--input train.tsv --test 50% --output share')).toMatch(
      /^Warning: The test split has fewer than 1,000 predictions: .*\. Figures on it will vary by chance$/m,
    );
    expect((await readDataset(join(directory, 'share'))).test?.sessionIds).toEqual(['5']);
    await run('--input train.tsv --test 1970-01-01T00:00:03Z --output from');
    expect((await readDataset(join(directory, 'from'))).test?.sessionIds).toEqual(['5']);
  });

  it('skips bad rows and names the file that lists them', async () => {
    write('bad.tsv', head, '1\ta\t1', '1\tb\tx', '1\tc\t3');
    const text = await run('--input bad.tsv --output bad --on-bad-row skip');
    const list = join(directory, 'bad', 'bad-rows.tsv');
    expect(text).toContain(`1 bad row skipped, listed in ${list}\n`);
    expect(readFileSync(list, 'utf8')).toContain('\t3\tTime\tx\t');
  });

  it('says how to name the column of ids of an items file', async () => {
    write('products.csv', 'sku,name', 'a,Shoe');
    const named = '--input train.tsv --items products.csv --output named';
    await expect(run(named)).rejects.toThrow('expected a column id, or the name of another, got sku, name');
    expect(await run(`${named} --item-columns id=sku`)).toContain('items file: 1 row');
  });

  it('passes every filter and split to prepare', async () => {
    await run(
      '--input train.tsv --output all --session-length 1..9 --min-item-support 2 ' +
        '--collapse-repeats --test 0.00002d --validation 0.00002d ' +
        '--memory-limit 1GB --threads 1 --time-unit s',
    );
    const { manifest } = await readDataset(join(directory, 'all'));
    expect(manifest.preparation).toMatchObject({
      options: {
        ...{ minSessionLength: 1, maxSessionLength: 9, minItemSupport: 2, collapseRepeats: true },
        ...{ testDays: 0.00002, validationDays: 0.00002, timeUnit: 's' },
      },
    });
    expect(Object.keys(manifest.counts.splits)).toEqual(['train', 'validation', 'test']);
  });
});
