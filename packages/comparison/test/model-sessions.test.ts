import type { Gru4Rec } from '@gru4rec/model';
import { describe, expect, it } from 'vitest';
import { type DatasetItems, modelSessions, type Parts } from '../src/model-sessions.ts';

const split = { sessionOffsets: Int32Array.of(0, 3), items: Int32Array.of(0, 1, 2) };
const dataset = { itemIds: ['a', 'b', 'c'], support: Int32Array.of(5, 3, 1) } satisfies DatasetItems;

function modelOf(...itemIds: string[]): Gru4Rec {
  const itemIndex = (id: string) => (itemIds.includes(id) ? itemIds.indexOf(id) : undefined);
  return { itemIds, itemIndex } as unknown as Gru4Rec;
}

async function itemsOf(parts: Parts): Promise<number[][]> {
  const items: number[][] = [];
  for await (const part of parts) items.push([...part.items]);
  return items;
}

describe('modelSessions', () => {
  it('maps items by id, not by position', async () => {
    const { parts, support } = modelSessions(modelOf('c', 'a', 'b'), dataset, [split, split]);
    expect(await itemsOf(parts)).toEqual([
      [1, 2, 0],
      [1, 2, 0],
    ]);
    expect([...support]).toEqual([1, 5, 3]);
  });

  it('refuses items that the model does not know', () => {
    expect(() => modelSessions(modelOf('a'), dataset, [split])).toThrow(
      `The model does not know 2 of the dataset's 3 items, the first being "b".`,
    );
  });

  it('gives items missing from the dataset a support of 0', async () => {
    const { parts, support } = modelSessions(modelOf('d', 'a', 'b', 'c'), dataset, [split]);
    expect(await itemsOf(parts)).toEqual([[1, 2, 3]]);
    expect([...support]).toEqual([0, 5, 3, 1]);
  });
});
