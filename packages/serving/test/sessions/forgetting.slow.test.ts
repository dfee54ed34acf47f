import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { countEvents, EventLog } from '../../src/index.ts';
import { linesIn } from '../clicks.ts';
import { type Ask, type Running, startServer, testFolder } from '../tiny-server.ts';

const ID = 'visitor-é-17';
const lineOf = (session: string, at: number) =>
  `${JSON.stringify({ SessionId: session, ItemId: `${at % 30}`, Time: '2026-05-01T00:00:00.000Z', Model: 'shop' })}\n`;
const blank = (text: string) => `${' '.repeat(Buffer.byteLength(text) - 1)}\n`;

/** Names of the files below a folder that have the id, of compressed ones their content. */
function filesWith(folder: string, id: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => {
    // What a learner saves at this moment may be gone.
    const found = statSync(join(folder, name), { throwIfNoEntry: false });
    if (!found?.isFile() || name.includes('.work-')) return false;
    const bytes = readFileSync(join(folder, name));
    const content = name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
    return [Buffer.from(id), Buffer.from(id, 'latin1'), Buffer.from(id, 'utf16le')].some((form) =>
      content.includes(form),
    );
  });
}

/** A log of two earlier days, one of them compressed, and of today. */
function writeDays(events: string): { readonly finished: string } {
  mkdirSync(events, { recursive: true });
  const finished = `${lineOf(ID, 1)}${lineOf('other', 2)}${lineOf(ID, 3)}`;
  writeFileSync(join(events, '2026-05-02.jsonl'), finished);
  writeFileSync(join(events, '2026-05-01.jsonl.gz'), gzipSync(finished));
  return { finished };
}

async function forgotten(ask: Ask, sessions: readonly string[]) {
  const { status, headers } = await ask('/v1/forget', { sessions });
  expect(status).toBe(202);
  const place = headers.get('location') ?? '';
  await expect.poll(async () => (await ask(place)).body.state, { timeout: 20_000 }).not.toBe('running');
  return (await ask(place)).body;
}

describe('POST /v1/forget', () => {
  it('rids sessions, log and learner of a session while others click, and loses and tears no click', async () => {
    const events = join(testFolder(), 'events');
    const output = join(events, 'learnt');
    const { finished } = writeDays(events);
    const start = async (directory?: string) => {
      const log = await EventLog.open(events);
      const learn = { log, output, everyMs: 20, saveMs: 30 };
      return startServer({ observers: [log], learn, ...(directory && { directory }) });
    };
    const running: Running = await start();
    const { ask, model } = running;
    const item = (at: number) => model.itemIds.at(at % 30) ?? '';
    for (let at = 0; at < 4; at++)
      await ask(`/v1/sessions/${encodeURIComponent(ID)}/events`, { item: item(at) });
    await expect
      .poll(() => filesWith(events, ID), { timeout: 10_000 })
      .toContain(join('learnt', 'learner.bin'));
    expect(filesWith(events, ID)).toHaveLength(4);

    let isClicking = true;
    const clicked: string[] = [];
    const visit = async (visitor: number) => {
      for (let at = 0; isClicking; at++) {
        const eventId = `${visitor}-${at}`;
        const { status } = await ask(`/v1/sessions/v${visitor}/events`, { item: item(at), eventId, n: 0 });
        expect(status).toBe(200);
        clicked.push(eventId);
      }
    };
    const visits = Array.from({ length: 8 }, (_, visitor) => visit(visitor));
    await setTimeout(50);
    for (let round = 0; round < 3; round++) {
      const removed = round === 0 ? { sessions: 1, clicks: 8 } : { sessions: 0, clicks: 0 };
      expect(await forgotten(ask, [ID, 'nobody'])).toEqual({ state: 'done', removed, error: null });
      expect(filesWith(events, ID)).toEqual([]);
    }
    isClicking = false;
    await Promise.all(visits);
    expect((await ask(`/v1/sessions/${encodeURIComponent(ID)}/recommendations`)).body.fallback).toBe(true);
    await running.server.stop({ probeMs: 0 });
    expect(filesWith(events, ID)).toEqual([]);

    const left = `${blank(lineOf(ID, 1))}${lineOf('other', 2)}${blank(lineOf(ID, 3))}`;
    expect(readFileSync(join(events, '2026-05-02.jsonl'), 'utf8')).toBe(left);
    expect(gunzipSync(readFileSync(join(events, '2026-05-01.jsonl.gz'))).toString()).toBe(left);
    expect(Buffer.byteLength(left)).toBe(Buffer.byteLength(finished));
    const found = linesIn(events).flatMap(({ EventId }) => EventId ?? []);
    expect(found.sort()).toEqual(clicked.sort());
    expect(clicked.length).toBeGreaterThan(50);

    // The learner knows its log again.
    const again = await start(running.directory);
    expect((await again.ask('/v1/models')).body.models[0].learning).toEqual({
      state: 'learning',
      reason: null,
    });
  }, 60_000);

  it('completes what was begun when it is repeated, also a line that is half blank', async () => {
    const events = join(testFolder(), 'events');
    writeDays(events);
    const torn = [
      `${lineOf(ID, 1).slice(0, 30)}${' '.repeat(20)}\n`,
      `${' '.repeat(20)}${lineOf(ID, 1).slice(20)}`,
    ];
    writeFileSync(join(events, '2026-05-03.jsonl'), `${lineOf('other', 1)}${torn.join('')}${lineOf(ID, 1)}`);
    const log = await EventLog.open(events);
    const { ask } = await startServer({ observers: [log] });
    expect((await forgotten(ask, [ID])).removed.clicks).toBe(7);
    expect(filesWith(events, ID)).toEqual([]);
    const rest = [lineOf('other', 1), ...torn.map(blank), blank(lineOf(ID, 1))].join('');
    expect(readFileSync(join(events, '2026-05-03.jsonl'), 'utf8')).toBe(rest);
    expect(await countEvents(events, new Set(['other']))).toBe(3);
  });

  it('says why it failed: a log that cannot be read', async () => {
    const events = join(testFolder(), 'events');
    const log = await EventLog.open(events);
    const { ask } = await startServer({ observers: [log] });
    writeFileSync(join(events, '2026-05-01.jsonl.gz'), 'no gzip');
    const { state, error } = await forgotten(ask, [ID]);
    expect([state, error]).toEqual(['failed', expect.stringMatching(/2026-05-01.jsonl.gz cannot be read: /)]);
  });

  it('is refused without ids, and is described', async () => {
    const { ask } = await startServer();
    expect((await ask('/v1/forget', { sessions: [] })).status).toBe(400);
    const { status, body } = await ask('/v1/forget/none');
    expect([status, body.detail]).toEqual([404, expect.stringContaining('Send it again')]);
    const { paths } = (await ask('/openapi.json')).body;
    expect(Object.keys(paths['/v1/forget'].post.responses)).toContain('202');
    expect(paths['/v1/forget/{job}'].get.tags).toEqual(['sessions']);
  });
});
