import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prepare } from '../src/index.ts';
import { fix, useLogs } from './logs.ts';

const { messageFor, root, written } = useLogs();

describe('prepare, bad input', () => {
  it.each([
    [
      'a missing key',
      '{"session":1,"ItemId":2,"Time":3}\n',
      'prepare: column "SessionId" expected among the columns, got "session", "ItemId", "Time", at FILE:1. ' +
        'Name those of session or user, item, time and type ("itemColumn").',
    ],
    [
      'a JSON line that strict JSON forbids',
      '{"SessionId":1,"ItemId":2,"Time":3}\n{"SessionId":1,"ItemId":3,"Time":4,}\n',
      `prepare: row expected one JSON object, got "{\\"SessionId\\":1,\\"ItemId\\":3,\\"Time\\":4,}", at FILE:2. ${fix}`,
    ],
    [
      'an invalid JSON number',
      '{"SessionId":1,"ItemId":NaN,"Time":3}\n',
      `prepare: row expected one JSON object, got "{\\"SessionId\\":1,\\"ItemId\\":NaN,\\"Time\\":3}", at FILE:1. ${fix}`,
    ],
    [
      'a duplicate JSON key',
      '{"SessionId":1,"ItemId":2,"ItemId":3,"Time":3}\n',
      `prepare: row expected one JSON object with "ItemId" once, got "{\\"SessionId\\":1,\\"ItemId\\":2,\\"ItemId\\":3,\\"Time\\":3}", at FILE:1. ${fix}`,
    ],
    [
      'half a surrogate pair',
      '{"SessionId":1,"ItemId":"\\ud83d","Time":3}\n',
      `prepare: row expected one JSON object, found half of a surrogate pair, got "{\\"SessionId\\":1,\\"ItemId\\":\\"\\\\ud83d\\",\\"Time\\":3}", at FILE:1. ${fix}`,
    ],
    [
      'a JSON line of no-break spaces',
      '{"SessionId":1,"ItemId":2,"Time":3}\n\u00a0\n',
      `prepare: row expected one JSON object, got "\u00a0", at FILE:2. ${fix}`,
    ],
    [
      'a JSON line that is too long',
      `{"SessionId":1,"ItemId":2,"Time":3}\n{"x":"${'y'.repeat(17 << 20)}"}\n`,
      `prepare: row expected one JSON object, found more than 16 MiB, got "{\\"x\\":\\"${'y'.repeat(94)}…", at FILE:2. ${fix}`,
    ],
    [
      'a broken JSON line',
      '{"SessionId":1,"ItemId":2,"Time":3}\n\n{"SessionId":1,\n',
      `prepare: row expected one JSON object, got "{\\"SessionId\\":1,", at FILE:3. ${fix}`,
    ],
    [
      'a JSON line without a key',
      '{"SessionId":1,"ItemId":2,"Time":3}\n\n{"SessionId":1,"Time":4}\n',
      `prepare: "ItemId" expected an id, got nothing, at FILE:3. ${fix}`,
    ],
    [
      'a JSON object as id',
      '{"SessionId":1,"ItemId":2,"Time":3}\n{"SessionId":1,"ItemId":{"id":3},"Time":4}\n',
      `prepare: "ItemId" expected an id, got nothing, at FILE:2. ${fix}`,
    ],
  ])('reports %s', async (_, content, message) => {
    expect(await messageFor(content)).toBe(message);
  });

  it('reads a log whose first MiB is blank, as forget leaves it, and one that is blank throughout', async () => {
    const blank = `${' '.repeat(200)}\n`.repeat(6000);
    const click = (time: number) => `{"SessionId":1,"ItemId":"a","Time":${1_700_000_000 + time}}\n`;
    const inputs = [written(`${blank}${click(0)}${blank}${click(1)}`), written(blank)];
    const { manifest } = await prepare({ inputs, output: join(root, 'data') });
    expect(manifest.counts.splits.train).toEqual({ sessions: 1, events: 2 });
    expect(await messageFor(blank)).toBe(
      'prepare: "input" expected events, got only a header or blank lines, at FILE.',
    );
  });

  it('skips deletions, of which a file may have nothing else, and counts them as lines', async () => {
    const deletion = `${JSON.stringify({ Deleted: 'a0'.repeat(32), Time: '2026-05-01T12:00:00.000Z' })}\n`;
    const click = (time: number) => `{"SessionId":1,"ItemId":"a","Time":${1_700_000_000 + time}}\n`;
    const bad = '{"SessionId":1,"ItemId":"a"}\n';
    const inputs = [written(`${deletion}${click(0)}${deletion}${click(1)}`), written(deletion)];
    const { manifest } = await prepare({ inputs, output: join(root, 'deletions') });
    expect(manifest.counts.splits.train).toEqual({ sessions: 1, events: 2 });
    const skipping = { onBadRow: 'skip', overwrite: true } as const;
    const broken = [written(`${click(0)}${deletion}{"SessionId"\n${bad}${click(1)}`)];
    const skipped = await prepare({ inputs: broken, output: join(root, 'deletions'), ...skipping });
    expect(skipped.manifest.counts.splits.train).toEqual({ sessions: 1, events: 2 });
    expect(await messageFor(`${click(0)}${deletion}\n${bad}`)).toBe(
      `prepare: "Time" expected seconds since 1970, as most rows have, got nothing, at FILE:4. ${fix}`,
    );
    expect(await messageFor(`${click(0)}{"Deleted":"x","Time":""}\n`)).toBe(
      `prepare: "SessionId" expected an id, got nothing, at FILE:2. ${fix}`,
    );
  });

  it('reports a session without events', async () => {
    const options = { eventsField: 'events' } as const;
    const line = '{"SessionId":1,"events":[{"ItemId":1,"Time":1},{"ItemId":2,"Time":2}]}\n';
    for (const bad of ['{"SessionId":2,"events":[]}', '{"SessionId":2}', '{"SessionId":2,"events":5}']) {
      expect(await messageFor(`${line}${bad}\n`, options)).toBe(
        `prepare: "ItemId" expected an id, got nothing, at FILE:2. ${fix}`,
      );
    }
    for (const id of ['""', '{"a":1}', '[1]', 'null']) {
      expect(await messageFor(`${line}{"SessionId":${id},"events":[{"ItemId":1,"Time":1}]}\n`, options)).toBe(
        `prepare: "SessionId" expected an id, got nothing, at FILE:2. ${fix}`,
      );
    }
    const twice = '{"SessionId":2,"events":[{"ItemId":1,"Time":1,"ItemId":2}]}';
    expect(await messageFor(`${line}${twice}\n`, options)).toBe(
      `prepare: row expected one JSON object with "ItemId" once, got ${JSON.stringify(twice)}, at FILE:2. ${fix}`,
    );
  });
});
