import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RandomStream } from '@gru4rec/random';
import { testFolder } from '@gru4rec/test-support/folder';
import { describe, expect, it } from 'vitest';
import { StudyError, type StudyStorage } from '../../src/storage/storage.ts';
import { openStudyFile } from '../../src/storage/study-file.ts';
import { study } from './arbitrary-trial.ts';

const file = join(testFolder(), 'study');
const stream = new RandomStream(7, 'test.damage');

async function stateOf(of: StudyStorage): Promise<string> {
  return JSON.stringify([await of.study(), await of.trials()]);
}

/** Makes a study of three trials. @returns its state after each change. */
async function makeStudy(): Promise<readonly string[]> {
  const storage = await openStudyFile(file);
  const states = [await stateOf(storage)];
  const change = async (made: Promise<unknown>) => {
    await made;
    states.push(await stateOf(storage));
  };
  await change(storage.begin(study));
  for (let number = 0; number < 3; number++) {
    await change(storage.addTrial({ number, values: { x: number / 7 }, startedMs: 1_700_000_000_000 }));
    await change(storage.addReport(number, { step: 0, value: number / 2 }));
    await change(storage.endTrial(number, { state: 'complete', value: number, endedMs: 1_700_000_000_001 }));
  }
  await storage.close();
  return states;
}

/** Opens the study with other bytes. @returns its state; undefined if it is refused in one line that names the file. */
async function read(bytes: Buffer): Promise<string | undefined> {
  writeFileSync(file, bytes);
  try {
    const storage = await openStudyFile(file);
    return await stateOf(storage).finally(() => storage.close());
  } catch (error) {
    expect(error).toBeInstanceOf(StudyError);
    expect((error as Error).message).toContain(file);
    expect((error as Error).message).not.toContain('\n');
    expect(readFileSync(file)).toEqual(bytes);
    return undefined;
  }
}

describe('openStudyFile, damaged', () => {
  it('refuses a file with a flipped bit, or reads the stored study', async () => {
    const states = await makeStudy();
    const whole = readFileSync(file);
    for (let at = 0; at < whole.length - 1; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << stream.nextBelow(8));
      expect([undefined, states.at(-1)]).toContain(await read(damaged));
    }
    expect(await read(whole)).toBe(states.at(-1));
  });

  it('reads a truncated file as the study after its first changes, each of them once', async () => {
    const whole = readFileSync(file);
    const found = new Set<string | undefined>();
    for (let length = 0; length <= whole.length; length++) found.add(await read(whole.subarray(0, length)));
    const [refused, ...states] = found;
    expect(refused).toBeUndefined();
    expect(states).toHaveLength(1 + 1 + 3 * 3);
  });

  it('names the damaged line', async () => {
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, lines.with(2, '{}').join('\n'));
    await expect(openStudyFile(file)).rejects.toThrow(
      `openStudyFile: "file" expected a line that matches its checksum, got another one, at ${file}:3. Restore a copy, or remove this line and all after it to continue from there.`,
    );
  });
});
