import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { folderKind } from '../../src/arguments/folder-kind.ts';
import { makeFolder, runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();

beforeAll(async () => {
  for (const [name, file] of [
    ['checkpoint', 'snapshot.json'],
    ['study', 'study.jsonl'],
    ['report', 'report.json'],
    ['onnx', 'model.onnx'],
  ] as const) {
    mkdirSync(join(folder(), name));
    writeFileSync(join(folder(), name, file), '');
  }
  mkdirSync(join(folder(), 'old.checkpoints', 'step-000000005'), { recursive: true });
  if ((await trainTiny(folder(), 'model')).code !== 0) throw new Error('No model');
});

describe('folderKind', () => {
  it.each([
    ['data', 'a dataset'],
    ['model', 'a model'],
    ['old.checkpoints', 'the checkpoints of a training run'],
    ['report', 'a report of compare'],
    ['none', undefined],
    ['clicks.tsv', undefined],
  ])('recognises %s as %s', async (name, kind) => {
    expect(await folderKind(join(folder(), name))).toBe(kind);
  });

  it('is undefined for an empty folder', async () => {
    expect(await folderKind(makeFolder())).toBeUndefined();
  });
});

describe('a folder of another kind', () => {
  const session = ['--session', '1'];
  it.each<[command: string, argv: string[], message: string]>([
    ['recommend', ['data', ...session], 'MODEL expected a model, got a dataset'],
    ['recommend', ['study', ...session], 'MODEL expected a model, got a study of tune'],
    [
      'inspect',
      ['old.checkpoints'],
      'DATA|MODEL expected a dataset or a model, got the checkpoints of a training run',
    ],
    ['export', ['onnx', '--format', 'onnx', '--output', 'x'], 'MODEL expected a model, got an ONNX model'],
    ['evaluate', ['model', '--data', 'model'], '--data expected a dataset, got a model'],
    ['evaluate', ['checkpoint', '--data', 'data'], 'MODEL expected a model, got a checkpoint'],
    ['train', ['model', '--output', 'new'], 'DATA expected a dataset, got a model'],
    [
      'train',
      ['data', '--continue', 'data', '--output', 'new'],
      '--continue expected a model, got a dataset',
    ],
    ['compare', ['report', '--models', 'pop'], 'DATA expected a dataset, got a report of compare'],
    ['tune', ['model', '--space', 's.json', '--output', 'new'], 'DATA expected a dataset, got a model'],
    ['prepare', ['--input', 'data', '--output', 'new'], '--input expected logs of events, got a dataset'],
    [
      'prepare',
      ['--input', 'clicks.tsv', '--test', 'model', '--output', 'new'],
      '--test expected logs of events, got a model',
    ],
    [
      'prepare',
      ['--input', 'clicks.tsv', '--test', '1day', '--output', 'new'],
      '--test expected days (7d), a share (10%), a date (2026-05-01) or files of events, got "1day"',
    ],
  ])('is named by %s %j', async (command, argv, message) => {
    const { code, stderr } = await runHere(folder(), command, ...argv);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });

  it('is named in the error for an output', async () => {
    const { code, stderr } = await trainTiny(folder(), 'data');
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('holds a dataset and no model'),
    });
  });
});
