import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { parseSpace } from '../../src/space.ts';
import type { StudyRecord } from '../../src/storage/storage.ts';
import { openStudyFile } from '../../src/storage/study-file.ts';

// Damages a study at seeded places, one at a time. Prints how often it was refused and read, and unexpected results.
const file = process.argv[2] ?? '';
const study: StudyRecord = {
  space: parseSpace({ x: { type: 'uniform', low: 0, high: 1 } }),
  direction: 'maximize',
  sampler: { name: 'random' },
  pruner: null,
  seed: '1',
  fingerprint: { dataset: 'd' },
};
const storage = await openStudyFile(file);
await storage.begin(study);
for (let number = 0; number < 3; number++) {
  await storage.startTrial({ number, values: { x: number / 7 }, startedMs: 1_700_000_000_000 });
  await storage.addReport(number, { step: 0, value: number / 2 });
}
await storage.close();
const whole = readFileSync(file);

async function read(): Promise<unknown> {
  const opened = await openStudyFile(file);
  try {
    return [await opened.study(), await opened.trials()];
  } finally {
    await opened.close();
  }
}

const kept = await read();
const counts = { refused: 0, kept: 0, unclear: [] as string[] };
let state = 7;
const draw = (below: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const places = [
  ...Array.from({ length: 64 }, (_, at) => at),
  ...Array.from({ length: 64 }, () => draw(whole.length)),
];
for (const at of places) {
  const damaged = Buffer.from(whole);
  damaged[at] = (damaged[at] ?? 0) ^ (1 << draw(8));
  await count(`bit at ${at}`, damaged);
}
await count('nothing', whole);
for (let share = 1; share < 8; share++) {
  await count(`cut at ${share}/8`, whole.subarray(0, Math.floor((whole.length * share) / 8)));
}
process.stdout.write(JSON.stringify(counts));

async function count(what: string, bytes: Buffer): Promise<void> {
  rmSync(`${file}.wal`, { force: true });
  writeFileSync(file, bytes);
  try {
    if (isDeepStrictEqual(await read(), kept)) counts.kept++;
    else counts.unclear.push(`${what}: other contents`);
  } catch (error) {
    const { name, message } = error as Error;
    const isClear = name === 'StudyError' && message.includes(file) && !message.includes('\n');
    if (isClear) counts.refused++;
    else counts.unclear.push(`${what}: ${name}: ${message.slice(0, 300)}`);
  }
}
