import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeEventLog, toTable, trainingDataOf, writeSessions } from '../src/event-log.ts';

const options = { items: 1_000, events: 3_000, heldOut: 50 };

describe('makeEventLog', () => {
  it('has every item in a training session, and sessions of two or more', () => {
    const { train, test } = makeEventLog(options);
    expect(new Set(train.flat()).size).toBe(1_000);
    for (const session of [...train, ...test]) expect(session.length).toBeGreaterThan(1);
    expect(test.length).toBeGreaterThan(30);
  });
});

describe('trainingDataOf', () => {
  it('counts support and numbers sessions in order', () => {
    const train = [
      [0, 1],
      [1, 2, 1],
    ];
    const data = trainingDataOf({ items: 3, train, test: [] });
    expect([...data.support]).toEqual([1, 3, 1]);
    expect([...data.train.sessionOffsets]).toEqual([0, 2, 5]);
    expect(data.itemIds).toEqual(['0', '1', '2']);
    expect([...toTable(train).items]).toEqual([0, 1, 1, 2, 1]);
  });
});

describe('writeSessions', () => {
  it('writes what peers read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'benchmark-'));
    writeSessions(join(folder, 'log.tsv'), [[5, 6], [7]]);
    const text = readFileSync(join(folder, 'log.tsv'), 'utf8');
    rmSync(folder, { recursive: true });
    expect(text).toBe('SessionId\tItemId\tTime\n0\t5\t0\n0\t6\t1\n1\t7\t2\n');
  });
});
