import { appendFileSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Learner, loadModel } from '@gru4rec/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endsOfLog } from '../../src/event-log/log-lines.ts';
import { forgetEvents } from '../../src/index.ts';
import { OtherLog } from '../../src/learning/other-log.ts';
import { testFolder } from '../tiny-server.ts';
import {
  clickLine,
  DAY,
  engine,
  Log,
  learntIn,
  linesOf,
  openLearnerOf,
  placesIn,
  request,
  saveWalker,
  settings,
  walks,
} from './learnt-log.ts';

const shared = testFolder(afterAll);
const directory = join(shared, 'model');
beforeAll(() => saveWalker(directory));
const fresh = () => placesIn(testFolder());

const all = linesOf([...walks(60, 2), ...walks(40, 3).map((walk, at) => [...walk, -1 - (at % 5), 3])], 's');

/** Learns a whole log in one process. @returns what its folder has then. */
async function undisturbed(lines: readonly string[]) {
  const { log, output } = fresh();
  log.append(lines);
  const learner = await openLearnerOf(log, { directory, output });
  await learner.take({ ...request, to: log.end, save: true });
  learner.close();
  return { learnt: await learntIn(output), status: learner.status };
}

describe('LogLearner', () => {
  it('learns each click once, wherever a process ends after its last save', async () => {
    const { learnt, status } = await undisturbed(all);
    expect(status).toMatchObject({ newItems: 5, error: undefined, stopped: undefined });
    for (const [saved, lost] of [
      [0, 90],
      [1, 1],
      [97, 40],
      [200, 300],
      [580, 0],
    ] as const) {
      const { log, output } = fresh();
      log.append(all.slice(0, saved));
      const first = await openLearnerOf(log, { directory, output });
      await first.take({ ...request, to: log.end, save: true, publish: true });
      log.append(all.slice(saved, saved + lost));
      await first.take({ ...request, to: log.end, publish: true });
      first.close();
      const second = await openLearnerOf(log, { directory, output });
      log.append(all.slice(saved + lost));
      await second.take({ ...request, to: log.end, save: true });
      second.close();
      expect(await learntIn(output), `${saved} clicks saved, ${lost} lost`).toEqual(learnt);
      expect(second.status.pairs).toBe(status.pairs);
    }
  });

  it('learns clicks with their types and context, as the library does', async () => {
    const typed = join(testFolder(), 'typed');
    await saveWalker(typed, { clickFeatures: ['Type', 'device'], clickFeatureScale: 1 });
    const rows = all.map((line, at) => ({
      ...JSON.parse(line),
      ...{ Type: at % 2 ? 'view' : 'cart', ...(at % 3 && { device: at % 3 === 1 ? 'phone' : 'watch' }) },
    }));
    const { log, output } = fresh();
    log.append(rows.map((row) => `${JSON.stringify(row)}\n`));
    const learner = await openLearnerOf(log, { directory: typed, output, guardShare: 1 });
    const version = await learner.take({ ...request, to: log.end, save: true, publish: true });
    const { guard } = learner.status;
    learner.close();
    expect(version?.clickVocabulary?.columns.map(({ name }) => name)).toEqual(['Type', 'device']);
    expect(guard.learner + guard.frozen).toBe(0);
    const base = await loadModel(typed, { engine });
    const own = new Learner(base, { engine, ...settings });
    const clicks = rows.map(({ SessionId: session, ItemId: item, Time, Type, device }) => ({
      ...{ session, item, timeMs: Date.parse(Time) },
      features: base.clicks?.encode({ device }, Type),
    }));
    own.learn(clicks);
    const { tensors } = await learntIn(output);
    expect(own.model().tensors).toEqual(tensors);
    const plain = new Learner(base, { engine, ...settings });
    plain.learn(clicks.map(({ features: _, ...click }) => click));
    expect(plain.model().tensors).not.toEqual(tensors);
    own.dispose();
    plain.dispose();
  });

  it('reads complete lines up to a place, over several days, and skips what is none', async () => {
    const { log, output } = fresh();
    log.append(['{"torn\n', ...all.slice(0, 100)]);
    const inside = new Map([[DAY, log.bytes - 7]]);
    const learner = await openLearnerOf(log, { directory, output });
    await learner.take({ ...request, to: inside });
    expect(learner.status.clicks).toBe(100);
    await learner.take({ ...request, to: log.end });
    expect(learner.status.clicks).toBe(101);
    writeFileSync(join(log.directory, '2026-05-02.jsonl'), all.slice(100, 120).join(''));
    await learner.take({ ...request, to: new Map([['2026-05-02', 1e9]]) });
    expect(learner.status).toMatchObject({ clicks: 121, position: { day: '2026-05-02' } });
    learner.close();
  });

  it.each([
    ['the last 64 clicks', (at: number) => at >= 136],
    ['a whole day', () => true],
  ])('goes on at its place when %s are forgotten, and in no other log', async (_, isForgotten) => {
    const { log, output } = fresh();
    log.append(all.slice(0, 200));
    const first = await openLearnerOf(log, { directory, output });
    await first.take({ ...request, to: log.end, save: true });
    first.close();
    log.append(all.slice(200));
    const ids = all
      .slice(0, 200)
      .filter((_line, at) => isForgotten(at))
      .map((line) => JSON.parse(line).SessionId);
    await forgetEvents(log.directory, new Set(ids));
    const second = await openLearnerOf(log, { directory, output });
    await second.take({ ...request, to: log.end });
    expect(second.status.clicks).toBe(all.length - 200);
    second.close();
    writeFileSync(log.file, linesOf(walks(60, 8), 'other').join(''));
    await expect(openLearnerOf(log, { directory, output })).rejects.toThrow(
      'is not the one that was learnt from',
    );
  });

  it('learns what a file of any day has, once, after a clock that was ahead and in files that come back', async () => {
    const { log, output } = fresh();
    const take = async (days: Readonly<Record<string, readonly string[]>>, save = true) => {
      const learner = await openLearnerOf(log, { directory, output });
      const before = learner.status.clicks;
      for (const [day, lines] of Object.entries(days))
        appendFileSync(join(log.directory, `${day}.jsonl`), lines.join(''));
      await learner.take({ ...request, to: await endsOfLog(log.directory), save });
      learner.close();
      return learner.status.clicks - before;
    };
    expect(await take({ [DAY]: all.slice(0, 40) })).toBe(40);
    expect(await take({ '2026-05-03': all.slice(40, 100) })).toBe(60);
    expect(await take({ [DAY]: all.slice(100, 120) }, false)).toBe(20);
    expect(await take({})).toBe(20);
    expect(await take({ [DAY]: all.slice(120, 130), '2026-05-03': all.slice(130, 150) })).toBe(30);
    const file = join(log.directory, '2026-05-03.jsonl');
    renameSync(file, `${file}-away`);
    expect(await take({ [DAY]: all.slice(150, 160) })).toBe(10);
    renameSync(`${file}-away`, file);
    expect(await take({})).toBe(0);
  });

  it('goes on behind a line of 3 MiB, which it names, and opens a log of which it is the beginning', async () => {
    const { log, output } = fresh();
    log.append([`${'x'.repeat(3 << 20)}\n`, ...all.slice(0, 20)]);
    const learner = await openLearnerOf(log, { directory, output });
    await learner.take({ ...request, to: log.end, save: true });
    expect(learner.status.error).toMatch(
      /^A line of 2026-05-01\.jsonl has more than 1 MiB up to byte 1048576,/,
    );
    expect(learner.status.learnt).toEqual(log.end);
    learner.close();
    log.append(all.slice(20, 30));
    const second = await openLearnerOf(log, { directory, output });
    await second.take({ ...request, to: log.end });
    expect(second.status).toMatchObject({ clicks: 10, error: undefined });
    second.close();
  });

  it('refuses a folder that another learner writes, or that is damaged', async () => {
    const { log, output } = fresh();
    const first = await openLearnerOf(log, { directory, output });
    await expect(openLearnerOf(log, { directory, output })).rejects.toThrow('is being written by process');
    first.close();
    const state = join(output, 'learner.bin');
    const bytes = readFileSync(state);
    bytes[100] ^= 1;
    writeFileSync(state, bytes);
    await expect(openLearnerOf(log, { directory, output })).rejects.toThrow('learner.bin is damaged');
    await expect(openLearnerOf(log, { directory, output: directory })).rejects.toThrow('holds other files');
  });

  it('begins with another model as a running server does: behind its last day, or at the end of the log', async () => {
    for (const [logThrough, begins, clicks] of [
      [undefined, /^At the end of the log: .*It replaces what another model has learnt$/, 10],
      ['2026-04-30', /^Behind 2026-04-30, .*It replaces what another model has learnt$/, 50],
    ] as const) {
      const { log, output } = fresh();
      log.append(all.slice(0, 40));
      const first = await openLearnerOf(log, { directory, output, from: log.end });
      expect(first.status.begins).toMatch(/^At the end of the log: [^.]*$/);
      first.close();
      const again = await openLearnerOf(log, { directory, output });
      expect(again.status.begins).toBeUndefined();
      again.close();
      const other = join(testFolder(), 'model');
      const dataset = { checksum: 'x', directory: 'data', ...(logThrough && { logThrough }) };
      await (await loadModel(directory, { engine })).save(other, { dataset });
      const second = await openLearnerOf(log, { directory: other, output, from: log.end });
      expect(second.status.begins).toMatch(begins);
      log.append(all.slice(40, 50));
      await second.take({ ...request, to: log.end });
      expect(second.status).toMatchObject({ clicks, error: undefined });
      second.close();
    }
  });

  it('learns on while it cannot be saved, and is saved later', async () => {
    const { log, output } = fresh();
    const learner = await openLearnerOf(log, { directory, output });
    log.append(all);
    renameSync(output, `${output}-away`);
    writeFileSync(output, 'a file in its place');
    const version = await learner.take({ ...request, to: log.end, save: true, publish: true });
    expect(version).toBeDefined();
    expect(learner.status.error).toMatch(/is not a folder that can be written$/);
    rmSync(output);
    renameSync(`${output}-away`, output);
    await learner.take({ ...request, to: log.end, save: true });
    expect(learner.status.error).toBeUndefined();
    learner.close();
    expect(await learntIn(output)).toEqual((await undisturbed(all)).learnt);
  });

  it('goes back to finite values when they no longer are, and saves no others', async () => {
    const { log, output } = fresh();
    log.append(all.slice(0, 20));
    const settings = { learningRate: 1e30, sessionItem: 1 };
    const learner = await openLearnerOf(log, { directory, output, settings });
    log.append(all);
    const given = await learner.take({ ...request, to: log.end, save: true, publish: true });
    expect(learner.status).toMatchObject({ stopped: { reason: 'not finite', stops: 1 }, error: undefined });
    learner.close();
    for (const { tensors } of [await learntIn(output), given ?? { tensors: [] }]) {
      expect(tensors.length).toBeGreaterThan(0);
      expect(tensors.every(({ values }) => values.every(Number.isFinite))).toBe(true);
    }
    const later = await openLearnerOf(log, { directory, output });
    await later.take({ ...request, to: log.end });
    expect(later.status).toMatchObject({ stopped: learner.status.stopped, clicks: 0 });
    later.close();
  });

  it('learns little of an item that was never seen and comes a thousand times, and of a thousand such items', async () => {
    const { log, output } = fresh();
    const settings = { sessionItem: 1, itemShare: 0.01, newItems: 10 };
    const learner = await openLearnerOf(log, { directory, output, settings });
    const thousand = (lineOf: (at: number) => string) =>
      log.append(Array.from({ length: 1000 }, (_, at) => lineOf(at)));
    thousand(() => clickLine('one', 'ghost'));
    await learner.take({ ...request, to: log.end });
    // It begins a session, and teaches it nothing twice.
    expect(learner.status).toMatchObject({ clicks: 1000, newItems: 1, pairs: 0 });
    expect(learner.status.dropped).toBeGreaterThan(990);
    thousand((at) => clickLine(`many${at}`, 'ghost'));
    thousand((at) => clickLine(`other${at}`, `unknown${at}`));
    await learner.take({ ...request, to: log.end, save: true, publish: true });
    const fine = { stopped: undefined, error: undefined };
    expect(learner.status).toMatchObject({ clicks: 3000, newItems: 10, ...fine });
    learner.close();
    const { ids, recentClicks } = await learntIn(output);
    const ghost = recentClicks?.[ids.indexOf('ghost')] ?? Number.NaN;
    expect(ghost).toBeLessThan(50);
  });
});

describe('LogLearner of several logs', () => {
  /** The logs of three servers, each of which has some sessions. */
  function threeLogs() {
    const folder = testFolder();
    const logs = ['own', 'a', 'b'].map((name) => new Log(join(folder, name))) as [Log, Log, Log];
    const logOf = (line: string) => logs[Number(/"s(\d+)"/.exec(line)?.[1]) % 3] as Log;
    const [own, ...rest] = logs;
    const others = rest.map((log) => log.directory);
    const open = () =>
      openLearnerOf(own, { directory, output: join(folder, 'learnt'), others, settledMs: 0 });
    return { own, rest, logOf, open, output: join(folder, 'learnt') };
  }

  it('learns clicks in order of time, with the bits of one log, wherever a process ends after its last save', async () => {
    const one = threeLogs();
    const undisturbed = await openLearnerOf(one.own, { directory, output: one.output });
    one.own.append(all);
    await undisturbed.take({ ...request, to: one.own.end, save: true });
    undisturbed.close();
    const [learnt, { pairs }] = [await learntIn(one.output), undisturbed.status];
    for (const [saved, lost] of [
      [0, 90],
      [97, 40],
      [570, 0],
    ] as const) {
      const { own, logOf, open, output } = threeLogs();
      const write = (lines: readonly string[]) => {
        for (const line of lines) logOf(line).append([line]);
      };
      const first = await open();
      write(all.slice(0, saved));
      // The next line is being written.
      const next = all[saved] as string;
      logOf(next).append([next.slice(0, 30)]);
      await first.take({ ...request, to: own.end, save: true, publish: true });
      expect(first.status).toMatchObject({ clicks: saved, error: undefined });
      logOf(next).append([next.slice(30)]);
      write(all.slice(saved + 1, saved + lost));
      await first.take({ ...request, to: own.end, publish: true });
      first.close();
      const second = await open();
      write(all.slice(Math.max(saved + 1, saved + lost)));
      await second.take({ ...request, to: own.end, save: true });
      second.close();
      expect(second.status.clicks).toBe(all.length - saved);
      expect(second.status.pairs).toBe(pairs);
      expect(await learntIn(output), `${saved} clicks saved, ${lost} lost`).toEqual(learnt);
    }
  });

  it('begins in each log behind the days that a new model has, and takes over from the one before', async () => {
    for (const [logThrough, clicks] of [
      ['2026-04-30', 90],
      [DAY, 0],
    ] as const) {
      const { own, rest, open, output } = threeLogs();
      const first = await open();
      for (const [at, log] of [own, ...rest].entries()) log.append(all.slice(30 * at, 30 * at + 30));
      await first.take({ ...request, to: own.end, save: true });
      const newer = join(testFolder(), 'newer');
      const dataset = { checksum: 'x', directory: 'data', logThrough };
      await (await loadModel(directory, { engine })).save(newer, { dataset });
      const others = rest.map((log) => log.directory);
      const options = { directory: newer, output, others, settledMs: 0, from: own.end };
      const next = await openLearnerOf(own, { ...options, isNext: true });
      await next.take({ ...request, to: own.end });
      expect(next.status).toMatchObject({ clicks, error: undefined });
      first.close();
      await next.take({ ...request, to: own.end, save: true, takesOver: true });
      expect(next.status).toMatchObject({ clicks, error: undefined, stopped: undefined });
      await expect(openLearnerOf(own, options)).rejects.toThrow('is being written by process');
      next.close();
      const later = await openLearnerOf(own, options);
      expect(later.status).toMatchObject({ clicks: 0, pairs: next.status.pairs });
      later.close();
    }
  });

  it('goes on without a log that cannot be read, and in one that sessions were removed from', async () => {
    const { own, rest, open } = threeLogs();
    const [a, b] = rest as [Log, Log];
    const learner = await open();
    a.append(all.slice(0, 100));
    await learner.take({ ...request, to: own.end });
    await forgetEvents(a.directory, new Set(['s1', JSON.parse(all[99] ?? '').SessionId]));
    renameSync(b.directory, `${b.directory}-away`);
    a.append(['{"SessionId":"late","ItemId":"i1","Time":"2026-05-01T12:00:00.000Z"}\n']);
    own.append(all.slice(100, 110));
    await learner.take({ ...request, to: own.end });
    expect(learner.status).toMatchObject({ clicks: 111, stopped: undefined });
    expect(learner.status.error).toMatch(/ENOENT/);
    renameSync(`${b.directory}-away`, b.directory);
    b.append(all.slice(110, 120));
    await learner.take({ ...request, to: own.end, save: true });
    expect(learner.status).toMatchObject({ clicks: 121, error: undefined });
    learner.close();
  });

  it('refuses a log that has a learner, also one of another server', async () => {
    const { own, rest, open } = threeLogs();
    const [a] = rest as [Log, Log];
    const learner = await open();
    for (const log of [own, a]) {
      const output = join(testFolder(), 'learnt');
      await expect(openLearnerOf(log, { directory, output })).rejects.toThrow('has a learner already');
    }
    const folder = testFolder();
    const output = join(folder, 'learnt');
    await expect(
      openLearnerOf(new Log(join(folder, 'events')), { directory, output, others: [a.directory] }),
    ).rejects.toThrow(`The event log ${a.directory} has a learner already`);
    learner.close();
    const later = await openLearnerOf(a, { directory, output: join(testFolder(), 'learnt') });
    later.close();
  });

  it('reads what has been in a file for a while, from the end of its last line on', async () => {
    const [a] = threeLogs().rest as [Log, Log];
    a.append([...all.slice(0, 3), '{"half']);
    const log = await OtherLog.open(a.directory, undefined, undefined, 100);
    const sessionsOf = (lines: readonly string[]) => lines.map((line) => JSON.parse(line).SessionId);
    const read = async () => {
      const texts: unknown[] = [];
      for await (const lines of log.read()) {
        for (const line of lines) {
          texts.push(line.logged?.sessionId);
          log.advance(line);
        }
      }
      return texts;
    };
    a.append([' a line"}\n', ...all.slice(3, 5)]);
    expect(await read()).toEqual([]);
    a.append(all.slice(5, 7));
    await setTimeout(120);
    expect(await read()).toEqual([undefined, ...sessionsOf(all.slice(3, 5))]);
    await setTimeout(120);
    expect(await read()).toEqual(sessionsOf(all.slice(5, 7)));
    expect(await read()).toEqual([]);
  });
});
