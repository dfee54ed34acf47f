import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readDataset } from '@gru4rec/dataset';
import { followPointer } from '@gru4rec/durable-files';
import { readModel } from '@gru4rec/model';
import { writeShopLog } from '@gru4rec/synthetic';
import { openStudyFile } from '@gru4rec/tuning';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dayOf, logDay, sessionsOf, useNightlyShop } from './nightly-shop.ts';
import { fromSources, makeFolder, ok, packageFolder, runHere, spawnTrainer } from './run-trainer.ts';

const hook = new URL('kill-hook.mjs', import.meta.url).href;

const train = (output: string, seed: number, more = '') =>
  `train given-data --output ${output} --threads 1${more} --set nEpochs=1 seed=${seed} layers=4 batchSize=8 nSample=8`;
const exportFrom = (model: string) => `export ${model} --format onnx --output out --overwrite`;
const compareOf = (model: string) => `compare given-data --models ${model} --output report --overwrite`;
const makeData = 'prepare --input given.tsv --output data';
const tune = 'tune given-data --space given-space.json --output study --trials 1 --parallel 1 --threads 1';

/** A command that writes, and how to check its output. */
interface Scenario {
  /** Makes the older output. */
  readonly older?: string;
  /** The command line that is killed. */
  readonly line: string;
  /** The next command line; by default the same. */
  readonly next?: string;
  /** The folder that the command writes. */
  readonly output: string;
  /** Whether the output is the new one. Throws if it is missing, incomplete or of two runs. */
  readonly isNew: (folder: string) => Promise<boolean>;
  /** True if the output may be missing between two renames, until the next run. */
  readonly hasGap?: boolean;
}

const datasetIn = (folder: string) => readDataset(join(folder, 'data'));

const scenarios: Readonly<Record<string, Scenario>> = {
  prepare: {
    older: makeData,
    line: 'prepare --input given-more.tsv --output data --overwrite',
    output: 'data',
    isNew: async (folder) => (await datasetIn(folder)).itemIds.length <= 12,
  },
  'prepare --append': {
    older: makeData,
    line: 'prepare --append --input given-day.csv --output data',
    next: 'prepare --append --input given-day.csv --output data --late-sessions keep',
    output: 'data',
    isNew: async (folder) => (await datasetIn(folder)).itemIds.indexOf('newer') >= 0,
  },
  forget: {
    older: makeData,
    line: 'forget 1 --data data --events given-events',
    output: 'data',
    async isNew(folder) {
      const read = (name: string) => readFileSync(join(folder, 'given-events', name));
      const logs = [String(read('2026-05-01.jsonl')), String(gunzipSync(read('2026-05-02.jsonl.gz')))];
      if (!logs.every((log) => log.endsWith('{"SessionId":"2"}\n'))) throw new Error('a line is lost');
      const isInLog = logs.some((log) => log.startsWith('{"SessionId":"1"}'));
      return !isInLog && !(await datasetIn(folder)).train.sessionIds.includes('1');
    },
  },
  train: {
    older: train('model', 1),
    line: train('model', 2, ' --overwrite --checkpoint-every 20'),
    next: train('model', 2, ' --overwrite --checkpoint-every 20 --resume'),
    output: 'model',
    isNew: async (folder) => (await readModel(join(folder, 'model'))).config.seed === 2,
  },
  'export --format onnx': {
    older: exportFrom('given-model-1'),
    line: exportFrom('given-model-2'),
    output: 'out',
    async isNew(folder) {
      const bytes = readFileSync(join(folder, 'out', 'model.onnx'));
      const { tensors } = await readModel(join(folder, 'given-model-2'));
      const { buffer, byteOffset } = tensors.find(({ kind }) => kind === 'table')?.values ?? Buffer.of();
      return bytes.includes(Buffer.from(buffer, byteOffset, 64));
    },
    hasGap: true,
  },
  compare: {
    older: compareOf('pop'),
    line: compareOf('s-pop'),
    output: 'report',
    async isNew(folder) {
      const ofRun = ['html', 'md', 'json'].map((kind) =>
        /s-pop/i.test(readFileSync(join(folder, 'report', `report.${kind}`), 'utf8')),
      );
      if (new Set(ofRun).size > 1) throw new Error('files of two runs');
      return ofRun[0] === true;
    },
    hasGap: true,
  },
  tune: {
    line: tune,
    output: 'study',
    async isNew(folder) {
      const [study, best] = ['study.jsonl', 'best.json'].map((name) => join(folder, 'study', name));
      if (existsSync(best)) return JSON.parse(readFileSync(best, 'utf8')).nSample === 8;
      if (existsSync(study)) await (await openStudyFile(study)).close();
      return false;
    },
    hasGap: true,
  },
};

/** Runs a command and kills it right before a change of a name in the folder, from 1. @returns all changes before it. */
async function runUntil(folder: string, at: number, line: string) {
  const log = `${folder}.steps`;
  rmSync(log, { force: true });
  const child = spawn(
    process.execPath,
    [...fromSources('src/main.ts', '--import', hook), ...line.split(' ')],
    {
      cwd: packageFolder,
      env: { ...process.env, INIT_CWD: folder, KILL_FOLDER: folder, KILL_AT: String(at), KILL_LOG: log },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const [stderr, [code, signal]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  if (at > 0 ? signal !== 'SIGKILL' : code !== 0) throw new Error(`ended with ${code}: ${stderr}`);
  return readFileSync(log, 'utf8').trimEnd().split('\n');
}

let inputs = '';
beforeAll(async () => {
  inputs = makeFolder(afterAll);
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(inputs, name), content);
  const log = { items: 30, days: 10, seed: 3 };
  await writeShopLog(join(inputs, 'given.tsv'), { ...log, events: 600 });
  await writeShopLog(join(inputs, 'given-more.tsv'), { ...log, events: 300, items: 12 });
  write('given-day.csv', 'SessionId,ItemId,Time\n1,new,2000000000\n1,newer,2000000001\n');
  mkdirSync(join(inputs, 'given-events'));
  const events = '{"SessionId":"1"}\n{"SessionId":"2"}\n';
  write('given-events/2026-05-01.jsonl', events);
  write('given-events/2026-05-02.jsonl.gz', gzipSync(events));
  const layers = { type: 'choice', options: [[2], [4]] };
  write('given-space.json', JSON.stringify({ layers, nSample: 8, batchSize: 8, nEpochs: 1 }));
  await ok(inputs, 'prepare --input given.tsv --test 2d --validation 2d --output given-data');
  for (const seed of [1, 2]) await ok(inputs, train(`given-model-${seed}`, seed));
}, 120_000);

const makeShop = useNightlyShop();

/** A copy of a folder, which can be made anew. */
function copying(from: string) {
  const folder = join(makeFolder(), 'run');
  const copy = () => {
    rmSync(folder, { recursive: true, force: true });
    cpSync(from, folder, { recursive: true, preserveTimestamps: true });
  };
  copy();
  return { folder, copy };
}

describe('a command killed before any of its steps, and the next one', () => {
  it.for(Object.entries(scenarios))(
    '%s leaves its output complete, and nothing else',
    { timeout: 1_800_000 },
    async ([, { older, line, next = line, output, isNew, hasGap = false }]) => {
      const from = join(makeFolder(), 'older');
      cpSync(inputs, from, { recursive: true });
      if (older) await ok(from, older);
      const { folder, copy } = copying(from);
      const steps = await runUntil(folder, 0, line);
      expect(steps.length).toBeGreaterThan(8);
      for (const [index, step] of steps.entries()) {
        copy();
        await runUntil(folder, index + 1, line);
        if (!hasGap || existsSync(join(folder, output))) await isNew(folder);
        // Trials are processes, which only a process can start.
        const again = next === tune ? spawnTrainer : runHere;
        const { code, stderr } = await again(folder, next);
        expect([step, code, code === 0 ? '' : stderr]).toEqual([step, 0, '']);
        expect([step, await isNew(folder)]).toEqual([step, true]);
        const hidden = readdirSync(folder, { recursive: true }).filter((name) =>
          /(^|[/\\])\./.test(String(name)),
        );
        const others = readdirSync(folder).filter((name) => name !== output && !name.startsWith('given'));
        expect([step, ...hidden, ...others]).toEqual([step]);
      }
    },
  );

  it('nightly leaves a current model, and the next one adds each day once', {
    timeout: 1_800_000,
  }, async () => {
    const from = makeShop();
    logDay(from, 10);
    const before = sessionsOf(from);
    const { folder, copy } = copying(from);
    const steps = await runUntil(folder, 0, 'nightly');
    const names = readdirSync(folder);
    for (const [index, step] of steps.entries()) {
      copy();
      await runUntil(folder, index + 1, 'nightly');
      await readModel(followPointer(join(folder, 'models', 'current')));
      const { code, stderr } = await runHere(folder, 'nightly');
      expect([step, code, code === 0 ? '' : stderr]).toEqual([step, 0, '']);
      const { dataset } = await readModel(followPointer(join(folder, 'models', 'current')));
      expect([step, sessionsOf(folder), dataset?.logThrough]).toEqual([step, before + 240, dayOf(10)]);
      // The lock of a dead process is free, and its file is removed by the next one that takes it.
      const hidden = readdirSync(folder, { recursive: true }).filter((name) =>
        /(^|[/\\])\.(?!.*\.lock$)/.test(String(name)),
      );
      expect([step, hidden, readdirSync(folder)]).toEqual([step, [], names]);
    }
  });
});
