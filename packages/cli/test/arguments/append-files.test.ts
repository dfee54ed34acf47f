import { describe, expect, it } from 'vitest';
import { describeAppended } from '../../src/arguments/append-files.ts';

describe('describeAppended', () => {
  it.each([
    [{ sessions: 1, events: 2, items: 1 }, 'added 1 session of 2 events, 1 new item\n'],
    [{ sessions: 1200, events: 1, items: 0 }, 'added 1,200 sessions of 1 event, 0 new items\n'],
  ])('counts %j', (added, text) => {
    expect(describeAppended({ added } as never)).toBe(text);
  });

  it('is empty if nothing was added', () => {
    expect(describeAppended({} as never)).toBe('');
  });
});
