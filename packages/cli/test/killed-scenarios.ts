import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { readDataset } from '@gru4rec/dataset';
import { readSafetensors } from '@gru4rec/formats';
import { readModel } from '@gru4rec/model';
import { writeShopLog } from '@gru4rec/synthetic';
import { openStudyFile } from '@gru4rec/tuning';
import { afterAll, beforeAll } from 'vitest';
import type { Scenario } from './killed-runs.ts';
import { makeFolder, ok } from './run-trainer.ts';

const tiny = ['--set', 'layers=4', 'batchSize=8', 'nSample=8', 'learningRate=0.1'];
const trainInto = (output: string, seed: number, ...more: string[]) => [
  ...['train', 'given-data', '--output', output, '--set', 'nEpochs=1', '--set', `seed=${seed}`],
  ...['--threads', '1', ...more, ...tiny],
];
const exportFrom = (model: string, format: string) => [
  ...['export', model, '--format', format, '--output', 'out', '--overwrite'],
];
const compareOf = (model: string) => [...['compare', 'given-data', '--models', model, '--output', 'report']];
const space = { layers: { type: 'choice', options: [[2], [4]] }, nSample: 8, batchSize: 8, nEpochs: 1 };

/** Creates the scenarios' inputs: `given-…`, and the older output of each. */
async function makeGiven(folder: string): Promise<void> {
  const log = { items: 30, days: 10, seed: 3 };
  await writeShopLog(join(folder, 'given.tsv'), { ...log, events: 600 });
  await writeShopLog(join(folder, 'given-more.tsv'), { ...log, events: 300, items: 12 });
  writeFileSync(
    join(folder, 'given-day.csv'),
    'SessionId,ItemId,Time\n1,new,2000000000\n1,newer,2000000001\n',
  );
  mkdirSync(join(folder, 'given-events'));
  const events = '{"SessionId":"1"}\n{"SessionId":"2"}\n';
  writeFileSync(join(folder, 'given-events', '2026-05-01.jsonl'), events);
  writeFileSync(join(folder, 'given-events', '2026-05-02.jsonl.gz'), gzipSync(events));
  writeFileSync(join(folder, 'given-space.json'), JSON.stringify(space));
  const days = ['--test', '2d', '--validation', '2d'];
  for (const argv of [
    ['prepare', '--input', 'given.tsv', ...days, '--output', 'given-data'],
    trainInto('given-model-1', 1),
    trainInto('given-model-2', 2),
    ['export', 'given-model-2', '--format', 'safetensors', '--output', 'given.safetensors'],
  ]) {
    await ok(folder, argv[0] ?? '', ...argv.slice(1));
  }
}

/**
 * Creates `given-…` once per test file.
 * @returns a function that creates a folder with a copy of it and the older output of a command.
 */
export function useGiven(): (older?: readonly string[]) => Promise<string> {
  let given = '';
  beforeAll(async () => {
    given = makeFolder(afterAll);
    await makeGiven(given);
  }, 120_000);
  return async (older) => {
    const folder = join(makeFolder(), 'older');
    cpSync(given, folder, { recursive: true });
    if (!older) return folder;
    await ok(folder, older[0] ?? '', ...older.slice(1));
    return folder;
  };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function lookAtModel(folder: string): Promise<'old' | 'new'> {
  return (await readModel(join(folder, 'model'))).config.seed === 1 ? 'old' : 'new';
}

async function lookAtSafetensors(folder: string): Promise<'old' | 'new'> {
  return (await readSafetensors(join(folder, 'out'))).config.seed === 1 ? 'old' : 'new';
}

async function lookAtOnnx(folder: string): Promise<'old' | 'new' | 'none'> {
  if (!existsSync(join(folder, 'out'))) return 'none';
  const bytes = readFileSync(join(folder, 'out', 'model.onnx'));
  const ids = readFileSync(join(folder, 'out', 'items.json'));
  if (!bytes.includes(sha256(ids))) throw new Error('ids of another graph');
  const ofFirst = (await readModel(join(folder, 'given-model-1'))).tensors.find(
    ({ kind }) => kind === 'table',
  );
  const { buffer, byteOffset } = ofFirst?.values ?? new Float32Array(0);
  return bytes.includes(Buffer.from(buffer, byteOffset, 64)) ? 'old' : 'new';
}

async function lookAtReport(folder: string): Promise<'old' | 'new' | 'none'> {
  if (!existsSync(join(folder, 'report'))) return 'none';
  const texts = ['html', 'md', 'json'].map((kind) =>
    readFileSync(join(folder, `report/report.${kind}`), 'utf8'),
  );
  const isOld = texts.map((text) => !/s-pop/i.test(text));
  if (new Set(isOld).size > 1) throw new Error('files of two runs');
  return isOld[0] ? 'old' : 'new';
}

async function lookAtStudy(folder: string): Promise<'old' | 'new' | 'none'> {
  const [study, best] = ['study.jsonl', 'best.json'].map((name) => join(folder, 'study', name));
  if (best && existsSync(best)) {
    JSON.parse(readFileSync(best, 'utf8'));
    return 'new';
  }
  if (!study || !existsSync(study)) return 'none';
  await (await openStudyFile(study)).close();
  return 'old';
}

/** A scenario, and the command that makes its older output. */
export interface KilledCommand extends Scenario {
  readonly older?: readonly string[];
}

/** Every command that writes. */
export const killedCommands = {
  prepare: {
    older: ['prepare', '--input', 'given.tsv', '--output', 'data'],
    argv: ['prepare', '--input', 'given-more.tsv', '--output', 'data', '--overwrite'],
    outputs: ['data'],
    look: async (folder) => ((await readDataset(join(folder, 'data'))).itemIds.length > 12 ? 'old' : 'new'),
  },
  'prepare --append': {
    older: ['prepare', '--input', 'given.tsv', '--output', 'data'],
    argv: ['prepare', '--append', '--input', 'given-day.csv', '--output', 'data'],
    next: ['prepare', '--append', '--input', 'given-day.csv', '--output', 'data', '--late-sessions', 'keep'],
    outputs: ['data'],
    look: async (folder) =>
      (await readDataset(join(folder, 'data'))).itemIds.indexOf('newer') < 0 ? 'old' : 'new',
  },
  forget: {
    older: ['prepare', '--input', 'given.tsv', '--output', 'data'],
    argv: ['forget', '1', '--data', 'data', '--events', 'given-events'],
    outputs: ['data'],
    look: async (folder) => {
      const read = (name: string) => readFileSync(join(folder, 'given-events', name));
      const logs = [String(read('2026-05-01.jsonl')), String(gunzipSync(read('2026-05-02.jsonl.gz')))];
      if (!logs.every((log) => log.endsWith('{"SessionId":"2"}\n'))) throw new Error('a line is lost');
      const { train } = await readDataset(join(folder, 'data'));
      const isOld = logs.some((log) => log.startsWith('{"SessionId":"1"}'));
      return train.sessionIds.includes('1') || isOld ? 'old' : 'new';
    },
  },
  train: {
    older: trainInto('model', 1),
    argv: trainInto('model', 2, '--overwrite'),
    outputs: ['model'],
    look: lookAtModel,
  },
  'train --checkpoint-every': {
    older: trainInto('model', 1),
    argv: trainInto('model', 2, '--overwrite', '--checkpoint-every', '20'),
    next: trainInto('model', 2, '--overwrite', '--checkpoint-every', '20', '--resume'),
    outputs: ['model'],
    look: lookAtModel,
  },
  import: {
    older: trainInto('model', 1),
    argv: ['import', '--safetensors', 'given.safetensors', '--output', 'model', '--overwrite'],
    outputs: ['model'],
    look: lookAtModel,
  },
  'export --format safetensors': {
    older: exportFrom('given-model-1', 'safetensors'),
    argv: exportFrom('given-model-2', 'safetensors'),
    outputs: ['out'],
    look: lookAtSafetensors,
  },
  'export --format onnx': {
    older: exportFrom('given-model-1', 'onnx'),
    argv: exportFrom('given-model-2', 'onnx'),
    outputs: ['out'],
    look: lookAtOnnx,
    hasGap: true,
  },
  compare: {
    older: compareOf('pop'),
    argv: compareOf('s-pop'),
    outputs: ['report'],
    look: lookAtReport,
    hasGap: true,
  },
  tune: {
    argv: [
      ...['tune', 'given-data', '--space', 'given-space.json', '--output', 'study'],
      ...['--trials', '1', '--parallel', '1', '--threads', '1'],
    ],
    outputs: ['study'],
    look: lookAtStudy,
    hasGap: true,
  },
} satisfies Record<string, KilledCommand>;
