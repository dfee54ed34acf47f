import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { writeDataset } from '@gru4rec/sessions';
import { describe, expect, it } from 'vitest';
import { append } from '../src/index.ts';
import { day, useTwoDays } from './two-days.ts';

const { folder, output, second, write, made, appended, refusal } = useTwoDays();

describe('append', () => {
  it('reports files with nothing to add', async () => {
    await made();
    expect(await refusal(write('empty.tsv', []))).toBe(
      'prepare: "input" expected events, got only a header or blank lines, at FOLDER/empty.tsv.',
    );
    expect(await refusal(write('short.tsv', day(100, 'x', 'y')))).toContain(
      '"train" expected at least one session, got none left, at FOLDER/short.tsv.',
    );
  });

  it('reports a folder that is not a dataset, or not one from prepare', async () => {
    const none = join(folder, 'none');
    await expect(append({ inputs: [second], output: none })).rejects.toThrow(
      `readDataset: "directory" expected a session dataset, got nothing, at ${none}.`,
    );
    const foreign = join(folder, 'foreign');
    const train = [
      {
        sessionIds: ['s'],
        sessionOffsets: Int32Array.of(0, 1),
        items: Int32Array.of(0),
        times: BigInt64Array.of(0n),
      },
    ];
    await writeDataset(foreign, {
      items: [{ itemIds: ['i'], support: Int32Array.of(1) }],
      splits: { train },
    });
    await expect(append({ inputs: [second], output: foreign })).rejects.toThrow(
      `append: "preparation" expected an object, got null, at ${foreign}/dataset.json. Prepare the dataset again from all files.`,
    );
  });

  it('refuses a dataset of another version and a damaged one', async () => {
    await made();
    const manifest = readFileSync(join(output, 'dataset.json'), 'utf8');
    writeFileSync(join(output, 'dataset.json'), manifest.replace('"formatVersion": 1', '"formatVersion": 2'));
    expect(await refusal(second)).toContain('readDataset: "formatVersion" expected 1, got 2');
    writeFileSync(join(output, 'dataset.json'), manifest);
    const train = readFileSync(join(output, 'train.arrow'));
    train[train.length >> 1] ^= 1;
    writeFileSync(join(output, 'train.arrow'), train);
    expect(await refusal(second)).toContain('readDataset: SHA-256 expected');
  });

  it('keeps the dataset when it is killed', async () => {
    await made();
    const copy = join(folder, 'copy');
    cpSync(output, copy, { recursive: true });
    const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
    const program = fileURLToPath(new URL('append-killed-program.ts', import.meta.url));
    const flags = ['--import', tsx, '--conditions=@gru4rec/source'];
    const run = spawnSync(process.execPath, [...flags, program, output, second], { encoding: 'utf8' });
    expect(run).toMatchObject({ signal: 'SIGKILL', stderr: '' });
    for (const name of readdirSync(copy)) {
      expect(readFileSync(join(output, name))).toEqual(readFileSync(join(copy, name)));
    }
    await appended(second);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
    rmSync(copy, { recursive: true });
  });
});
