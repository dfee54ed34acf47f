import type { Gru4Rec } from '@gru4rec/model';
import type { SessionDataset, SessionTable } from '@gru4rec/sessions';
import { describe, expect, it } from 'vitest';
import { modelSessions } from '../src/model-sessions.ts';

const split = { sessionOffsets: Int32Array.of(0, 3), items: Int32Array.of(0, 1, 2) } as SessionTable;
const dataset = { itemIds: ['a', 'b', 'c'], support: Int32Array.of(5, 3, 1) } as unknown as SessionDataset;

function modelOf(...itemIds: string[]): Gru4Rec {
  const itemIndex = (id: string) => (itemIds.includes(id) ? itemIds.indexOf(id) : undefined);
  return { itemIds, itemIndex } as unknown as Gru4Rec;
}

describe('modelSessions', () => {
  it('goes by the ids, not by the order of the items', () => {
    const { sessions, support } = modelSessions(modelOf('c', 'a', 'b'), dataset, split);
    expect([...sessions.items]).toEqual([1, 2, 0]);
    expect([...support]).toEqual([1, 5, 3]);
  });

  it('refuses items that the model does not know', () => {
    expect(() => modelSessions(modelOf('a'), dataset, split)).toThrow(
      `The model does not know 2 of the dataset's 3 items, the first being "b".`,
    );
  });

  it('gives items that the dataset lacks a support of 0', () => {
    const { sessions, support } = modelSessions(modelOf('d', 'a', 'b', 'c'), dataset, split);
    expect([...sessions.items]).toEqual([1, 2, 3]);
    expect([...support]).toEqual([0, 5, 3, 1]);
  });
});
