import { type RecordBatch, Table, tableToIPC } from 'apache-arrow';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionBatches, sessionSchemaWith } from '../src/batches.ts';
import type { SessionChunk } from '../src/index.ts';
import { chunkOf } from './table.ts';

const schema = sessionSchemaWith([]);

async function batchesOf(...chunks: SessionChunk[]): Promise<RecordBatch[]> {
  const batches: RecordBatch[] = [];
  for await (const batch of sessionBatches(chunks, schema)) batches.push(batch);
  return batches;
}

describe('sessionBatches', () => {
  it('gives the same bytes however the sessions are chunked', async () => {
    const bytesOf = async (...chunks: SessionChunk[]) =>
      Buffer.from(tableToIPC(new Table(await batchesOf(...chunks)), 'file'));
    const session = fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 5 });
    const list = fc.array(session, { minLength: 1, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(list, fc.nat({ max: 9 }), async (sessions, cut) => {
        const [head, tail] = [chunkOf(sessions.slice(0, cut)), chunkOf(sessions.slice(cut), cut)];
        const shift = BigInt(Math.min(cut, sessions.length) * 1000);
        const later = { ...tail, times: tail.times.map((time) => time + shift) };
        expect(await bytesOf(head, later)).toEqual(await bytesOf(chunkOf(sessions)));
      }),
      { seed: 7, numRuns: 20 },
    );
  });

  it('has at most 65,536 sessions and 2^20 events per batch, but of one session all', async () => {
    const chunkOfLengths = (...lengths: number[]): SessionChunk => {
      const sessionOffsets = new Int32Array(lengths.length + 1);
      for (const [at, length] of lengths.entries())
        sessionOffsets[at + 1] = (sessionOffsets[at] ?? 0) + length;
      const events = sessionOffsets.at(-1) ?? 0;
      const sessionIds = lengths.map((_, at) => `s${at}`);
      return { sessionIds, sessionOffsets, items: new Int32Array(events), times: new BigInt64Array(events) };
    };
    const [many, long] = [Array(65_536 + 10).fill(1), 2 ** 20 + 1];
    const batches = await batchesOf(chunkOfLengths(...many), chunkOfLengths(2, long, 1, long - 2));
    expect(batches.map(({ numRows }) => numRows)).toEqual([65_536, 11, 1, 2]);
    expect(batches.map((batch) => batch.getChild('items')?.data[0]?.children[0]?.values.length)).toEqual([
      ...[65_536, 12, 2 ** 20 + 1, 2 ** 20],
    ]);
    const [first] = batches[1]?.getChild('items')?.data ?? [];
    expect(first?.valueOffsets).toEqual(Int32Array.from([...Array(11).keys(), 12]));
  });
});
