import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { parseSpace } from '../../src/space.ts';
import type { StudyStorage } from '../../src/storage/storage.ts';
import { openStudyFile } from '../../src/storage/study-file.ts';

// Damages the log beside a study at the given number of seeded places, one at a time. Prints how often the study was
// refused, had all changes, had only the first ones, and unexpected results.
const [file = '', cases = '', seed = ''] = process.argv.slice(2);
const storage = await openStudyFile(file);
const states = [await stateOf(storage)];
const change = async (made: Promise<void>) => {
  await made;
  states.push(await stateOf(storage));
};
const space = parseSpace({ x: { type: 'uniform', low: 0, high: 1 } });
const identity = { direction: 'maximize', sampler: { name: 'random' }, pruner: null, seed: '1' } as const;
await change(storage.begin({ ...identity, space, fingerprint: { dataset: 'd' } }));
for (let number = 0; number < 3; number++) {
  await change(storage.startTrial({ number, values: { x: number / 7 }, startedMs: 1_700_000_000_000 }));
  await change(storage.addReport(number, { step: 0, value: number / 2 }));
  await change(storage.endTrial(number, { state: 'complete', value: number, endedMs: 1_700_000_000_001 }));
}
// Not closed, as after a kill, so that the changes are in the log.
const damaged = `${file}-damaged`;
copyFileSync(file, `${file}-whole`);
const log = readFileSync(`${file}.wal`);
await storage.close();

const counts = { refused: 0, whole: 0, earlier: 0, unclear: [] as string[] };
let state = Number(seed);
const draw = (below: number): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
await count('nothing', log);
for (let cut = 1; cut < 8; cut++) await count(`cut at ${cut}/8`, log.subarray(0, (log.length * cut) >> 3));
for (let n = 0; n < Number(cases); n++) {
  const bytes = Buffer.from(log);
  const at = draw(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << draw(8));
  await count(`bit at ${at}`, bytes);
}
process.stdout.write(JSON.stringify(counts));

async function stateOf(of: StudyStorage): Promise<string> {
  return JSON.stringify([await of.study(), await of.trials()]);
}

async function count(what: string, bytes: Buffer): Promise<void> {
  copyFileSync(`${file}-whole`, damaged);
  writeFileSync(`${damaged}.wal`, bytes);
  try {
    const opened = await openStudyFile(damaged);
    const found = await stateOf(opened).finally(() => opened.close());
    if (found === states.at(-1)) counts.whole++;
    else if (states.includes(found)) counts.earlier++;
    else counts.unclear.push(`${what}: ${found}`);
  } catch (error) {
    const { name, message } = error as Error;
    const isClear = name === 'StudyError' && message.includes(damaged) && !message.includes('\n');
    const isLeft = readFileSync(`${damaged}.wal`).equals(bytes);
    if (isClear && isLeft) counts.refused++;
    else counts.unclear.push(`${what}: ${name}: ${message.slice(0, 300)}`);
  }
}
