import { appendFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { Learner, loadModel, type SaveInfo } from '@gru4rec/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endsOfLog } from '../../src/event-log/day-file.ts';
import { forgetEvents } from '../../src/index.ts';
import type { LearnRequest, LearnStatus } from '../../src/learning/learner-messages.ts';
import type { LogLearnerOptions } from '../../src/learning/log-learner.ts';
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
  saveWalker,
  settings,
  walks,
} from './learnt-log.ts';

const directory = join(testFolder(afterAll), 'model');
beforeAll(() => saveWalker(directory));
const fresh = () => placesIn(testFolder());

const all = linesOf([...walks(60, 2), ...walks(40, 3).map((walk, at) => [...walk, -1 - (at % 5), 3])], 's');

/** Learns what a log has in a process of its own, and saves it. @returns the status then. */
async function learn({ log, output }: ReturnType<typeof fresh>, request: Partial<LearnRequest> = {}) {
  const learner = await openLearnerOf(log, { directory, output });
  await learner.take({ to: log.end, save: true, ...request });
  learner.close();
  return learner.status;
}

/** What a process that was never disturbed learns. */
let whole: { readonly learnt: Awaited<ReturnType<typeof learntIn>>; readonly status: LearnStatus };
beforeAll(async () => {
  const folder = testFolder(afterAll);
  const { log, output } = placesIn(folder);
  log.append(all);
  const status = await learn({ log, output });
  whole = { learnt: await learntIn(output), status };
});

/** The logs of servers, each of which has some sessions. */
function severalLogs(count = 3) {
  const folder = testFolder();
  const names = ['own', 'a', 'b'].slice(0, count);
  const logs = names.map((name) => new Log(join(folder, name))) as [Log, Log, Log];
  const logOf = (line: string) => logs[Number(/"s(\d+)"/.exec(line)?.[1]) % count] as Log;
  const [own, ...rest] = logs;
  const output = join(folder, 'learnt');
  const others = rest.map((log) => log.directory);
  const open = (options: Partial<LogLearnerOptions> = {}) =>
    openLearnerOf(own, { directory, output, others, settledMs: 0, ...options });
  return { own, rest, logOf, open, output };
}

/** Saves the model as one of a dataset. */
async function saveOf(dataset: Partial<SaveInfo['dataset']>) {
  const folder = join(testFolder(), 'model');
  const info = { dataset: { checksum: 'x', directory: 'data', ...dataset } };
  await (await loadModel(directory, { engine })).save(folder, info);
  return folder;
}

describe('LogLearner', () => {
  it.each([1, 3])(
    'learns each click of %i logs once, in order of time, wherever a process ends after its last save',
    async (count) => {
      const { learnt, status } = whole;
      expect(status).toMatchObject({ newItems: 5, error: undefined, stopped: undefined });
      for (const [saved, lost] of [
        [0, 90],
        [97, 40],
        [570, 0],
      ] as const) {
        const { own, logOf, open, output } = severalLogs(count);
        const write = (lines: readonly string[]) => {
          for (const line of lines) logOf(line).append([line]);
        };
        const first = await open();
        write(all.slice(0, saved));
        // The next line is being written.
        const next = all[saved] as string;
        logOf(next).append([next.slice(0, 30)]);
        await first.take({ to: own.end, save: true, publish: true });
        expect(first.status).toMatchObject({ clicks: saved, error: undefined });
        logOf(next).append([next.slice(30)]);
        write(all.slice(saved + 1, saved + lost));
        await first.take({ to: own.end, publish: true });
        first.close();
        const second = await open();
        write(all.slice(Math.max(saved + 1, saved + lost)));
        await second.take({ to: own.end, save: true });
        second.close();
        expect(second.status).toMatchObject({ clicks: all.length - saved, pairs: status.pairs });
        expect(await learntIn(output), `${saved} clicks saved, ${lost} lost`).toEqual(learnt);
      }
    },
  );

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
    const version = await learner.take({ to: log.end, save: true, publish: true });
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
    await learner.take({ to: inside });
    expect(learner.status.clicks).toBe(100);
    await learner.take({ to: log.end });
    expect(learner.status.clicks).toBe(101);
    writeFileSync(join(log.directory, '2026-05-02.jsonl'), all.slice(100, 120).join(''));
    await learner.take({ to: new Map([['2026-05-02', 1e9]]) });
    expect(learner.status).toMatchObject({ clicks: 121, position: { day: '2026-05-02' } });
    learner.close();
  });

  it.each([
    ['the last 64 clicks', 136],
    ['a whole day', 0],
  ])('goes on at its place when %s are forgotten, and in no other log', async (_, from) => {
    const places = fresh();
    const { log } = places;
    log.append(all.slice(0, 200));
    await learn(places);
    log.append(all.slice(200));
    const ids = all.slice(from, 200).map((line) => JSON.parse(line).SessionId);
    await forgetEvents(log.directory, new Set(ids));
    expect((await learn(places, { save: false })).clicks).toBe(all.length - 200);
    writeFileSync(log.file, linesOf(walks(60, 8), 'other').join(''));
    await expect(learn(places)).rejects.toThrow('is not the one that was learnt from');
  });

  it('learns what a file of any day has, once, after a clock that was ahead and in files that come back', async () => {
    const places = fresh();
    const { directory: events } = places.log;
    const take = async (days: Readonly<Record<string, readonly string[]>>, save = true) => {
      for (const [day, lines] of Object.entries(days))
        appendFileSync(join(events, `${day}.jsonl`), lines.join(''));
      return (await learn(places, { to: await endsOfLog(events), save })).clicks;
    };
    expect(await take({ [DAY]: all.slice(0, 40) })).toBe(40);
    expect(await take({ '2026-05-03': all.slice(40, 100) })).toBe(60);
    expect(await take({ [DAY]: all.slice(100, 120) }, false)).toBe(20);
    expect(await take({})).toBe(20);
    expect(await take({ [DAY]: all.slice(120, 130), '2026-05-03': all.slice(130, 150) })).toBe(30);
    const file = join(events, '2026-05-03.jsonl');
    renameSync(file, `${file}-away`);
    expect(await take({ [DAY]: all.slice(150, 160) })).toBe(10);
    renameSync(`${file}-away`, file);
    expect(await take({})).toBe(0);
  });

  it('goes on behind a line of 3 MiB, which it names, and opens a log of which it is the beginning', async () => {
    const places = fresh();
    const { log } = places;
    log.append([`${'x'.repeat(3 << 20)}\n`, ...all.slice(0, 20)]);
    const { error, learnt } = await learn(places);
    expect(error).toMatch(/^A line of 2026-05-01\.jsonl has more than 1 MiB up to byte 1048576,/);
    expect(learnt).toEqual(log.end);
    log.append(all.slice(20, 30));
    expect(await learn(places)).toMatchObject({ clicks: 10, error: undefined });
  });

  it('begins with another model as a running server does: behind its last day, or at the end of the log', async () => {
    await expect(learn({ ...fresh(), output: directory })).rejects.toThrow('holds other files');
    for (const [dataset, begins, clicks] of [
      [{}, /^At the end of the log: .*It replaces what another model has learnt$/, 10],
      [{ logThrough: '2026-04-30' }, /^Behind 2026-04-30, .*It replaces what another model has learnt$/, 50],
    ] as const) {
      const { log, output } = fresh();
      log.append(all.slice(0, 40));
      const first = await openLearnerOf(log, { directory, output, from: log.end });
      expect(first.status.begins).toMatch(/^At the end of the log: [^.]*$/);
      first.close();
      expect((await learn({ log, output }, { save: false })).begins).toBeUndefined();
      const second = await openLearnerOf(log, { directory: await saveOf(dataset), output, from: log.end });
      expect(second.status.begins).toMatch(begins);
      log.append(all.slice(40, 50));
      await second.take({ to: log.end });
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
    expect(await learner.take({ to: log.end, save: true, publish: true })).toBeDefined();
    expect(learner.status.error).toMatch(/is not a folder that can be written$/);
    rmSync(output);
    renameSync(`${output}-away`, output);
    await learner.take({ to: log.end, save: true });
    expect(learner.status.error).toBeUndefined();
    learner.close();
    expect(await learntIn(output)).toEqual(whole.learnt);
  });

  it('goes back to finite values when they no longer are, and saves no others', async () => {
    const { log, output } = fresh();
    log.append(all);
    const settings = { learningRate: 1e30, sessionItem: 1 };
    const learner = await openLearnerOf(log, { directory, output, settings });
    const given = await learner.take({ to: log.end, save: true, publish: true });
    const { stopped, error } = learner.status;
    expect({ stopped, error }).toMatchObject({
      stopped: { reason: 'not finite', stops: 1 },
      error: undefined,
    });
    learner.close();
    for (const { tensors } of [await learntIn(output), given ?? { tensors: [] }]) {
      expect(tensors.length).toBeGreaterThan(0);
      expect(tensors.every(({ values }) => values.every(Number.isFinite))).toBe(true);
    }
    expect(await learn({ log, output }, { save: false })).toMatchObject({ stopped, clicks: 0 });
  });

  it('learns little of an item that was never seen and comes a thousand times, and of a thousand such items', async () => {
    const { log, output } = fresh();
    const settings = { sessionItem: 1, itemShare: 0.01, newItems: 10 };
    const learner = await openLearnerOf(log, { directory, output, settings });
    const thousand = (lineOf: (at: number) => string) =>
      log.append(Array.from({ length: 1000 }, (_, at) => lineOf(at)));
    thousand(() => clickLine('one', 'ghost'));
    await learner.take({ to: log.end });
    // It begins a session, and teaches it nothing twice.
    expect(learner.status).toMatchObject({ clicks: 1000, newItems: 1, pairs: 0 });
    expect(learner.status.dropped).toBeGreaterThan(990);
    thousand((at) => clickLine(`many${at}`, 'ghost'));
    thousand((at) => clickLine(`other${at}`, `unknown${at}`));
    await learner.take({ to: log.end, save: true, publish: true });
    const fine = { stopped: undefined, error: undefined };
    expect(learner.status).toMatchObject({ clicks: 3000, newItems: 10, ...fine });
    learner.close();
    const { ids, recentClicks } = await learntIn(output);
    const ghost = recentClicks?.[ids.indexOf('ghost')] ?? Number.NaN;
    expect(ghost).toBeLessThan(50);
  });
});

describe('LogLearner of several logs', () => {
  it('begins in each log behind the days that a new model has, and takes over from the one before', async () => {
    for (const [logThrough, clicks] of [
      ['2026-04-30', 90],
      [DAY, 0],
    ] as const) {
      const { own, rest, open } = severalLogs();
      const first = await open();
      for (const [at, log] of [own, ...rest].entries()) log.append(all.slice(30 * at, 30 * at + 30));
      await first.take({ to: own.end, save: true });
      const newer = { directory: await saveOf({ logThrough }), from: own.end };
      const next = await open({ ...newer, isNext: true });
      await next.take({ to: own.end });
      expect(next.status).toMatchObject({ clicks, error: undefined });
      first.close();
      await next.take({ to: own.end, save: true, takesOver: true });
      expect(next.status).toMatchObject({ clicks, error: undefined, stopped: undefined });
      await expect(open(newer)).rejects.toThrow('is being written by process');
      next.close();
      const later = await open(newer);
      expect(later.status).toMatchObject({ clicks: 0, pairs: next.status.pairs });
      later.close();
    }
  });

  it('goes on without a log that cannot be read, and in one that sessions were removed from', async () => {
    const { own, rest, open } = severalLogs();
    const [a, b] = rest as [Log, Log];
    const learner = await open();
    a.append(all.slice(0, 100));
    await learner.take({ to: own.end });
    await forgetEvents(a.directory, new Set(['s1', JSON.parse(all[99] ?? '').SessionId]));
    renameSync(b.directory, `${b.directory}-away`);
    a.append(['{"SessionId":"late","ItemId":"i1","Time":"2026-05-01T12:00:00.000Z"}\n']);
    own.append(all.slice(100, 110));
    await learner.take({ to: own.end });
    expect(learner.status).toMatchObject({ clicks: 111, stopped: undefined });
    expect(learner.status.error).toMatch(/ENOENT/);
    renameSync(`${b.directory}-away`, b.directory);
    b.append(all.slice(110, 120));
    await learner.take({ to: own.end, save: true });
    expect(learner.status).toMatchObject({ clicks: 121, error: undefined });
    learner.close();
  });

  it('refuses a log that has a learner, also one of another server', async () => {
    const { own, rest, open } = severalLogs();
    const [a] = rest as [Log, Log];
    const learner = await open();
    for (const log of [own, a])
      await expect(learn({ ...fresh(), log })).rejects.toThrow('has a learner already');
    const { log, output } = fresh();
    await expect(openLearnerOf(log, { directory, output, others: [a.directory] })).rejects.toThrow(
      `The event log ${a.directory} has a learner already`,
    );
    learner.close();
    await expect(learn({ ...fresh(), log: a })).resolves.toBeDefined();
  });

  it('reads what has been in a file for a while, from the end of its last line on', async () => {
    const [a] = severalLogs().rest as [Log, Log];
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
