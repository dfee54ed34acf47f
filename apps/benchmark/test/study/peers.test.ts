import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runnersFolder } from '../../src/peers/peers.ts';
import type { StudyData } from '../../src/study/data-sets.ts';
import {
  checkRanks,
  evaluateRanksOf,
  type PeerMethod,
  peerMethods,
  runPeerMethod,
  tunePeer,
} from '../../src/study/peers.ts';

const ids = ['a', 'b', 'c'];
const table = (sessions: number[][]) => ({
  sessionOffsets: Int32Array.from([0, ...sessions.map((_, at) => sessions.slice(0, at + 1).flat().length)]),
  items: Int32Array.from(sessions.flat()),
  sessionStartTimes: Float64Array.from(sessions.map((_, at) => at)),
});
const train = table([
  [0, 1],
  [0, 1, 2],
]);
const heldOut = table([[1, 0], [2], [0, 1, 2]]);
const data = {
  final: { itemIds: ids, support: Int32Array.of(2, 2, 1), train, test: heldOut },
  tune: { itemIds: ids, train, validation: heldOut },
} as unknown as StudyData;

/** Replaces a runner: a Node program that reads the request, reports two epochs and writes a rank per prediction. */
const runner = `
  const { readFileSync, writeFileSync } = require('fs');
  const request = JSON.parse(readFileSync(process.argv[1]));
  const bytes = readFileSync(request.heldOut);
  const values = new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const sessions = values[0], items = values.length - sessions - 2;
  const emit = (event) => console.log(JSON.stringify(event));
  if (request.mostSeconds < 0.5) throw new Error('no time');
  if (!request.epochs) {
    emit({ event: 'epoch', epoch: 1, recall: request.values.recall, mrr: 0.5 });
    emit({ event: 'epoch', epoch: 2, recall: 0.25, mrr: 0.25 });
  }
  const ranks = request.method === 'popular' ? [1, 1, 3] : Array.from({ length: items - sessions - (request.values.short ?? 0) }, (_, at) => at + 1);
  writeFileSync(request.output, new Uint8Array(Int32Array.from(ranks).buffer));
  emit({ event: 'done', fitSeconds: request.values.seconds, answerSeconds: 0.5 });`;

function runs(trials: readonly Record<string, number>[], text = runner, file = process.execPath) {
  const [sasrec] = peerMethods;
  if (!sasrec) throw new Error('expected methods');
  const method: PeerMethod = { ...sasrec, trials: () => trials };
  const words = [file === process.execPath ? '-e' : '-c', text];
  return {
    method,
    settings: { data, threads: 1, seed: 1, budgetSeconds: 10, programOf: () => ({ file, words }) },
  };
}

describe('tunePeer', () => {
  it('keeps the best values and their best epoch', async () => {
    const { method, settings } = runs([
      { recall: 0.25, seconds: 1 },
      { recall: 0.75, seconds: 2 },
    ]);
    expect(await tunePeer(method, settings)).toEqual({
      ...{ values: { recall: 0.75, seconds: 2 }, epochs: 1, score: 0.625, seconds: 2.5, trials: 2 },
    });
  });

  it('ends when less than half of the last trial is left', async () => {
    const { method, settings } = runs([
      { recall: 0.25, seconds: 7 },
      { recall: 0.75, seconds: 1 },
    ]);
    expect(await tunePeer(method, settings)).toMatchObject({ values: { recall: 0.25 }, trials: 1 });
  });
});

describe('runPeerMethod', () => {
  it('evaluates the ranks of the test sessions with our metrics', async () => {
    const { method, settings } = runs([]);
    const run = await runPeerMethod(method, settings, { values: { seconds: 3 }, epochs: 1.5 });
    const { evaluation, ...times } = run;
    expect(times).toEqual({ fitSeconds: 3, answerSeconds: 0.5 });
    expect(evaluation.predictions).toBe(3);
    expect(evaluation.ranks).toMatchObject({
      session: Int32Array.of(0, 1, 1),
      target: Int32Array.of(0, 1, 2),
      rank: Float64Array.of(1, 2, 3),
    });
    expect(evaluation.results[0]).toMatchObject({ recall: 1, mrr: (1 + 1 / 2 + 1 / 3) / 3 });
  });

  it('refuses another number of ranks', async () => {
    const { method, settings } = runs([]);
    const run = runPeerMethod(method, settings, { values: { seconds: 3, short: 1 }, epochs: 1 });
    await expect(run).rejects.toThrow('sasrec expected 3 ranks, one per prediction, got 2');
  });

  it('understands the files of the runners in Python', async (ctx) => {
    const text = `
import json, sys
sys.path.insert(0, ${JSON.stringify(runnersFolder)})
from protocol import emit, read_request, read_sessions, write_ranks
request = read_request()
if "epochs" in request:
    sessions = read_sessions(request["heldOut"])
    write_ranks(request["output"], [1 + item for session in sessions for item in session[1:]])
emit("done", fitSeconds=1, answerSeconds=len(read_sessions(request["train"])))`;
    if (spawnSync('python3', ['--version']).status !== 0) ctx.skip('no python3');
    const { method, settings } = runs([], text, 'python3');
    const { evaluation, answerSeconds } = await runPeerMethod(method, settings, { values: {}, epochs: 1 });
    expect(answerSeconds).toBe(2);
    expect(evaluation.ranks?.rank).toEqual(Float64Array.of(1, 2, 3));
  });
});

describe('checkRanks', () => {
  it('refuses a runner whose ranks by popularity are not those of POP', async () => {
    const { method, settings } = runs([]);
    await expect(checkRanks(method, settings)).resolves.toBeUndefined();
    const other = runs([], runner.replace('[1, 1, 3]', '[1, 2, 3]'));
    await expect(checkRanks(method, other.settings)).rejects.toThrow(
      'rectools_transformers ranks by popularity, but prediction 1 has another rank than that of POP',
    );
  });
});

describe('evaluateRanksOf', () => {
  it('refuses ranks that no item can have', async () => {
    const ranks = (...values: number[]) => evaluateRanksOf('SASRec', Int32Array.from(values), heldOut, 3);
    await expect(ranks(1, 0, 1)).rejects.toThrow('SASRec expected ranks of 1 to 3, got 0 at 1');
    await expect(ranks(1, 1, 4)).rejects.toThrow('SASRec expected ranks of 1 to 3, got 4 at 2');
  });
});

describe('the values of other programs', () => {
  it('have every setting that the runner of cornac reads', () => {
    const source = readFileSync(join(runnersFolder, 'cornac_gru4rec.py'), 'utf8');
    const shared = /^SHARED = "([^"]+)"/m.exec(source)?.[1] ?? '';
    const names = ['finalAct', ...shared.replace('\\\n', '').split(' ')];
    expect(names).toContain('logq');
    const trials = peerMethods.find(({ peer }) => peer === 'cornac')?.trials(10) ?? [];
    expect(trials).toHaveLength(4);
    for (const values of trials) expect(Object.keys(values)).toEqual(expect.arrayContaining(names));
  });
});
