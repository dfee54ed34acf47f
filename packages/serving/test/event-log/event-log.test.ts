import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { DayFile } from '../../src/event-log/day-file.ts';
import { EventLog, type EventLogOptions } from '../../src/event-log/event-log.ts';
import { clickOfLine } from '../../src/event-log/log-lines.ts';
import { eventOf, linesIn } from '../clicks.ts';
import { testFolder } from '../tiny-server.ts';

const NOON = Date.UTC(2026, 4, 1, 12);
const DAY_MS = 86_400_000;

const click = (sessionId: string, item: string) => eventOf(sessionId, item, { timeMs: NOON });

async function openLog(directory: string, options: EventLogOptions = {}): Promise<EventLog> {
  const log = await EventLog.open(directory, { now: () => NOON, ...options });
  onTestFinished(() => log.close());
  return log;
}

/** What the log says. */
function recorder() {
  // biome-ignore lint/suspicious/noExplicitAny: lines of JSON
  const said: any[] = [];
  return { said, logger: pino({}, { write: (line) => void said.push(JSON.parse(line)) }) };
}

const itemsOf = (directory: string, day = '2026-05-01') =>
  linesIn(directory, day).map(({ ItemId }) => ItemId);

describe('EventLog', () => {
  it.each(['always', 'interval'] as const)(
    'has all clicks of many sessions once, in order (%s)',
    async (sync) => {
      const directory = testFolder();
      const log = await openLog(directory, { sync, intervalMs: 5 });
      const sessions = Array.from({ length: 20 }, async (_, session) => {
        for (let at = 0; at < 20; at++) await log.onClick(click(`s${session}`, `${at}`));
      });
      await Promise.all(sessions);
      const events = linesIn(directory);
      for (let session = 0; session < 20; session++) {
        const items = events.filter(({ SessionId }) => SessionId === `s${session}`);
        expect(items.map(({ ItemId }) => ItemId)).toEqual(Array.from({ length: 20 }, (_, at) => `${at}`));
      }
    },
  );

  it('starts a file per UTC day', async () => {
    const directory = testFolder();
    let now = Date.UTC(2026, 4, 1, 23, 59, 59, 999);
    const log = await openLog(directory, { now: () => now });
    await log.onClick(click('ann', 'late'));
    now += 1;
    await log.onClick(click('ann', 'early'));
    expect(itemsOf(directory)).toEqual(['late']);
    expect(itemsOf(directory, '2026-05-02')).toEqual(['early']);
  });

  it('refuses a second process, and any that follows may write', async () => {
    const directory = testFolder();
    const log = await EventLog.open(directory);
    await expect(EventLog.open(directory)).rejects.toThrow(`The event log ${directory} cannot be opened`);
    await log.close();
    await openLog(directory);
    expect(readdirSync(directory).filter((name) => name.endsWith('.jsonl'))).toHaveLength(2);
  });

  it('has clicks in the columns of prepare, arrivals that differ from their times, and deletions by the hash of their id', async () => {
    const directory = testFolder();
    const log = await openLog(directory);
    const about = { eventId: 'e1', type: 'view', context: { device: 'phone', ItemId: 'x' } };
    await log.onClick({
      ...{ sessionId: 'ann', model: 'shop', recommendationId: 'r1', arrivedMs: NOON },
      click: { item: '😀\n', timeMs: NOON, ...about },
    });
    await log.onClick({ ...click('ann', '2'), arrivedMs: NOON + 5 });
    await log.onDelete('ann');
    const lines = linesIn(directory);
    const [same, other, deleted] = lines;
    expect(same).toEqual({
      ...{ SessionId: 'ann', ItemId: '😀\n', Time: '2026-05-01T12:00:00.000Z', Model: 'shop' },
      ...{ EventId: 'e1', RecommendationId: 'r1', Type: 'view', device: 'phone' },
    });
    expect(other).toMatchObject({ Time: '2026-05-01T12:00:00.000Z', Arrived: '2026-05-01T12:00:00.005Z' });
    const hash = createHash('sha256').update('ann').digest('hex');
    expect(deleted).toEqual({ Deleted: hash, Time: '2026-05-01T12:00:00.000Z' });
    const arrivals = lines.map((line) => clickOfLine(JSON.stringify(line))?.arrivedMs);
    expect(arrivals).toEqual([NOON, NOON + 5, undefined]);
  });

  it('answers a repeated click when the click that it repeats is written', async () => {
    const directory = testFolder();
    const log = await openLog(directory);
    void log.onClick(click('ann', '1'));
    await log.onRepeat();
    expect(itemsOf(directory)).toEqual(['1']);
  });
});

describe('EventLog with keepMs', () => {
  const namesIn = (directory: string) => readdirSync(directory).filter((name) => !name.startsWith('.'));
  const others = ['2026-04-01.jsonl.gz', '2026-99-99.jsonl', 'notes.txt'];

  /** A log of 1 May whose hours pass when a test says so. */
  async function keeping(keepMs: number) {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const directory = testFolder();
    for (const day of [28, 29, 30]) writeFileSync(join(directory, `2026-04-${day}.jsonl`), '');
    for (const name of others) writeFileSync(join(directory, name), '');
    const clock = { now: NOON };
    const { said, logger } = recorder();
    const log = await openLog(directory, { now: () => clock.now, keepMs, logger });
    return { directory, clock, said, log, hour: (part = 1) => vi.advanceTimersByTime(part * 3_600_000) };
  }

  it('deletes the files of days that ended before it, an hour after a day began, and no others', async () => {
    // At noon of 1 May, 29 April has ended 36 hours ago and 30 April 12 hours ago.
    const { directory, clock, said, log, hour } = await keeping(1.6 * DAY_MS);
    hour(0.9);
    expect(said).toEqual([]);
    hour(0.1);
    await expect.poll(() => said).toMatchObject([{ removed: ['2026-04-28.jsonl'] }]);
    clock.now = Date.UTC(2026, 4, 2);
    await log.onClick(click('ann', '1'));
    hour(0.9);
    expect(said).toHaveLength(1);
    hour(0.1);
    await expect.poll(() => said.slice(1)).toMatchObject([{ removed: ['2026-04-29.jsonl'] }]);
    expect(namesIn(directory)).toEqual(
      ['2026-04-30.jsonl', '2026-05-01.jsonl', '2026-05-02.jsonl', ...others].sort(),
    );
  });

  it('deletes nothing for a clock that was 200 days ahead, with and without a click', async () => {
    const { directory, clock, said, log, hour } = await keeping(90 * DAY_MS);
    clock.now += 200 * DAY_MS;
    hour();
    await log.onClick(click('ann', '1'));
    hour(0.5);
    clock.now = NOON;
    await log.onClick(click('ann', '2'));
    hour();
    await setTimeout(20);
    expect(said).toEqual([]);
    expect(namesIn(directory)).toHaveLength(5 + others.length);
  });

  it('reports what it cannot delete', async () => {
    const { directory, said, hour } = await keeping(30 * DAY_MS);
    mkdirSync(join(directory, '2026-03-01.jsonl'));
    hour();
    await expect.poll(() => said[0]?.error).toMatch(/EISDIR|EPERM/);
  });
});

describe('EventLog after a killed process', () => {
  const torn = '{"SessionId":"bob","Item';
  const CLICK = '{"SessionId":"ann","ItemId":"1"}\n';

  it.each([
    ['a torn last line', `${CLICK}${torn}`, ['1', '2'], torn.length],
    ['zeros that a power cut leaves', '\0'.repeat(5000), ['2'], 5000],
  ])('removes %s, also beside a file of a clock that was ahead', async (_, text, items, tornBytes) => {
    const directory = testFolder();
    writeFileSync(join(directory, '2026-05-01.jsonl'), text);
    for (const day of [3, 4]) writeFileSync(join(directory, `2026-05-0${day}.jsonl`), '{}\n');
    const { said, logger } = recorder();
    const log = await openLog(directory, { logger });
    expect(said).toMatchObject([{ eventLog: directory, tornBytes }]);
    await log.onClick(click('bob', '2'));
    expect(itemsOf(directory)).toEqual(items);
  });

  it('ends a last line of 3 MiB, which stays, so that the next click begins a line', async () => {
    const directory = testFolder();
    writeFileSync(join(directory, '2026-05-01.jsonl'), `${'{}\n'}${'x'.repeat(3 << 20)}`);
    const { said, logger } = recorder();
    const log = await openLog(directory, { logger });
    expect(said).toEqual([]);
    await log.onClick(click('bob', '2'));
    const [, long, next] = readFileSync(join(directory, '2026-05-01.jsonl'), 'utf8').split('\n');
    expect(long).toHaveLength(3 << 20);
    expect(JSON.parse(next ?? '')).toMatchObject({ ItemId: '2' });
  });
});

describe('EventLog that cannot be written', () => {
  it('answers, says so once, and writes everything later', async () => {
    const directory = join(testFolder(), 'log');
    const { said, logger } = recorder();
    let now = NOON;
    const log = await openLog(directory, { now: () => now, retryMs: 10, logger });
    const registry = new Registry();
    log.registerMetrics(registry);
    await log.onClick(click('ann', '1'));
    renameSync(directory, `${directory}-away`);
    now += DAY_MS;
    await log.onClick(click('ann', '2'));
    await log.onClick(click('ann', '3'));
    await setTimeout(50);
    expect(said).toMatchObject([{ error: expect.stringContaining('ENOENT') }]);
    expect(() => log.onDelete('ann')).toThrow(
      'The event log cannot be written, so no session can be forgotten',
    );
    expect(await registry.metrics()).toMatch(/_failing 1\n.*_backlog 2\n/s);
    renameSync(`${directory}-away`, directory);
    await expect.poll(() => said.length).toBe(2);
    expect(said[1]).toMatchObject({ lost: 0 });
    await log.onClick(click('ann', '4'));
    expect([...itemsOf(directory), ...itemsOf(directory, '2026-05-02')]).toEqual(['1', '2', '3', '4']);
    expect(await registry.metrics()).toMatch(/_clicks_total 4\n.*_lost_total 0\n.*_failing 0\n/s);
  });

  it('writes again after a flush failed during a write that took longer than the pause', async () => {
    const directory = testFolder();
    const { said, logger } = recorder();
    const log = await openLog(directory, { sync: 'interval', intervalMs: 5, retryMs: 20, logger });
    const { append, sync } = DayFile.prototype;
    onTestFinished(() => void vi.restoreAllMocks());
    vi.spyOn(DayFile.prototype, 'append').mockImplementation(async function (this: DayFile, ...given) {
      await setTimeout(100);
      return append.apply(this, given);
    });
    await new Promise<void>((resolve) => {
      vi.spyOn(DayFile.prototype, 'sync').mockImplementation(async () => {
        resolve();
        await setTimeout(10);
        throw new Error('EIO');
      });
    });
    await log.onClick(click('ann', '1'));
    DayFile.prototype.append = append;
    DayFile.prototype.sync = sync;
    await log.onClick(click('ann', '2'));
    await expect.poll(() => said.slice(1), { timeout: 5000 }).toMatchObject([{ lost: 0 }]);
    expect(itemsOf(directory)).toEqual(['1', '2']);
    expect([...(await log.flushedEnds()).values()]).toEqual([
      statSync(join(directory, '2026-05-01.jsonl')).size,
    ]);
  });

  it('keeps a bounded number of clicks and counts the others', async () => {
    const directory = join(testFolder(), 'log');
    let now = NOON;
    const { said, logger } = recorder();
    const log = await openLog(directory, { now: () => now, retryMs: 10, logger });
    renameSync(directory, `${directory}-away`);
    now += DAY_MS;
    for (let at = 0; at < 40; at++) await log.onClick(click('ann', 'x'.repeat(500_000)));
    renameSync(`${directory}-away`, directory);
    await expect.poll(() => said.at(-1)).toMatchObject({ lost: 7 });
    expect(itemsOf(directory, '2026-05-02')).toHaveLength(33);
    rmSync(directory, { recursive: true });
  });
});
