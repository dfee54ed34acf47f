import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEvents, tinySessions } from '@gru4rec/test-support';
import { afterAll, describe, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'events-'));
afterAll(() => rmSync(folder, { recursive: true }));

function events(...rows: readonly string[]): string {
  const path = join(folder, 'events.tsv');
  const lines = ['SessionId ItemId Time', ...rows].map((row) => row.replaceAll(' ', '\t'));
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

describe('readEvents', () => {
  it('numbers items and sessions by first appearance', () => {
    expect(readEvents(events('9 700 10', '4 300 11', '9 300 12', '4 700 12', '4 500 13'))).toEqual({
      sessionOffsets: Int32Array.of(0, 2, 5),
      items: Int32Array.of(0, 1, 1, 0, 2),
      sessionStartTimes: Float64Array.of(10, 11),
      itemIds: ['700', '300', '500'],
      support: Int32Array.of(2, 2, 1),
    });
  });

  it('maps items by a given index and leaves unknown ones out', () => {
    const table = readEvents(events('1 800 1', '1 300 2', '2 800 3', '1 700 4'), { itemIds: ['300', '700'] });
    expect(table.items).toEqual(Int32Array.of(0, 1));
    expect(table.sessionOffsets).toEqual(Int32Array.of(0, 2));
    expect(table.sessionStartTimes).toEqual(Float64Array.of(2));
    expect(table.support).toEqual(Int32Array.of(1, 1));
  });

  it('refuses another header and decreasing times', () => {
    expect(() => readEvents(events('1 1 5', '1 1 4'))).toThrow('"Time" expected ≥ 5, got 4, at row 2');
    const path = join(folder, 'other.tsv');
    writeFileSync(path, 'a\tb\n');
    expect(() => readEvents(path)).toThrow('header expected SessionId, ItemId, Time, got a\tb');
  });
});

describe('tinySessions', () => {
  it('is the same table for the same seed', () => {
    expect(tinySessions()).toEqual(tinySessions());
    expect(tinySessions({ seed: 8 })).not.toEqual(tinySessions());
  });

  it('fills every session with 2 to 7 events and uses every item', () => {
    const { sessionOffsets, support } = tinySessions();
    const lengths = Array.from(sessionOffsets.subarray(1), (end, s) => end - sessionOffsets[s]);
    expect(lengths.every((length) => length >= 2 && length <= 7)).toBe(true);
    expect(Math.min(...support)).toBeGreaterThan(0);
  });
});
