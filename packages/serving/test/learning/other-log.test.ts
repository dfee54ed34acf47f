import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forgetEvents } from '../../src/index.ts';
import { OtherLog } from '../../src/learning/other-log.ts';
import { testFolder } from '../tiny-server.ts';
import { DAY, Log, learntIn, linesOf, openLearnerOf, request, saveWalker, walks } from './learnt-log.ts';

const directory = join(testFolder(afterAll), 'model');
beforeAll(() => saveWalker(directory));

const all = linesOf([...walks(60, 2), ...walks(40, 3).map((walk, at) => [...walk, -1 - (at % 5), 3])], 's');

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

  it('names each version by its places in all logs', async () => {
    const { own, rest, open } = threeLogs();
    const learner = await open();
    for (const log of rest) log.append(all.slice(0, 60));
    const version = await learner.take({ ...request, to: own.end, publish: true });
    expect(version?.version).toMatch(
      new RegExp(`@${[own, ...rest].map(({ bytes }) => `${DAY}:${bytes}`).join('\\+')}$`),
    );
    learner.close();
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
    const log = await OtherLog.open(a.directory, undefined, 100);
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
    log.close();
  });
});
