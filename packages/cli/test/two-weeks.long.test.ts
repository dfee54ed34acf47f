import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { readDataset } from '@gru4rec/dataset';
import { followPointer } from '@gru4rec/durable-files';
import { readModel } from '@gru4rec/model';
import { afterEach, expect, it, vi } from 'vitest';
import { isHeldOut } from '../src/nightly/nightly.ts';
import { fromSources, makeFolder, ok, packageFolder } from './run-trainer.ts';
import { ServerProcess } from './serving/server-process.ts';

const DAY_MS = 86_400_000;
const START = '2026-05-11';
const startMs = Date.parse(START);
const clock = new URL('fake-clock.mjs', import.meta.url).href;
const hook = new URL('kill-hook.mjs', import.meta.url).href;
const FORGOTTEN = 'v-who-leaves';

afterEach(() => vi.unstubAllEnvs());

/** A visit: items along a ring, forwards or backwards. */
const visitOf = (first: number, step = 1) =>
  Array.from({ length: 4 }, (_, at) => `p${(first + at * step + 100) % 100}`);

const visitorOf = (visit: number, day: number) => `v${(visit * 7 + day * 11) % 400}`;

/** Ten days of history under names of its own. */
function writeHistory(folder: string): number {
  const rows = Array.from({ length: 10 * 240 }, (_, at) => {
    const [day, visit] = [Math.floor(at / 240), at % 240];
    const ms = startMs + (day - 10) * DAY_MS + visit * 300_000;
    return visitOf(visit).map(
      (item, click) => `${new Date(ms + 1000 * click).toISOString()};${visitorOf(visit, day)};${item}`,
    );
  }).flat();
  writeFileSync(join(folder, 'clicks.csv'), ['at;visitor;sku', ...rows, ''].join('\n'));
  return rows.length;
}

class Shop {
  readonly folder: string;
  readonly #clockFile: string;
  server: ServerProcess | undefined;
  clicks = 0;

  constructor(folder: string, clockFile: string) {
    this.folder = folder;
    this.#clockFile = clockFile;
  }

  get models(): string {
    return join(this.folder, 'models');
  }

  get current(): string {
    return readFileSync(join(this.models, 'current'), 'utf8').trim();
  }

  /** Sets the clock of every process. */
  async setTime(ms: number): Promise<void> {
    const next = `${this.#clockFile}.next`;
    writeFileSync(next, String(ms - Date.now()));
    renameSync(next, this.#clockFile);
    await setTimeout(200);
  }

  /** Each click is answered by 200, so that it must be in the log. */
  async visit(visitor: string, items: readonly string[]): Promise<void> {
    for (const item of items) {
      expect(await this.server?.click(visitor, item, { eventId: `${visitor}-${this.clicks}` })).toBe(200);
      this.clicks++;
    }
  }

  async visits(visits: readonly (readonly [visitor: string, items: readonly string[]])[]): Promise<void> {
    for (let at = 0; at < visits.length; at += 16) {
      await Promise.all(visits.slice(at, at + 16).map(([visitor, items]) => this.visit(visitor, items)));
    }
  }

  /** Runs a command in a process; with `killAt`, one that is killed before this change of a name in the folder. */
  async run(
    argv: readonly string[],
    killAt = 0,
  ): Promise<{ code: number | null; stderr: string; stdout: string }> {
    const flags = killAt > 0 ? ['--import', hook] : [];
    const child: ChildProcess = spawn(process.execPath, [...fromSources('src/main.ts', ...flags), ...argv], {
      cwd: packageFolder,
      env: {
        ...process.env,
        ...{ INIT_CWD: this.folder, KILL_FOLDER: this.folder, KILL_AT: String(killAt) },
        KILL_LOG: `${this.folder}.steps`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const [stdout, stderr] = [text(child.stdout as never), text(child.stderr as never)];
    await once(child, 'close');
    return { code: child.exitCode, stderr: await stderr, stdout: await stdout };
  }

  /** A night that is killed at random moments, twice, then completed. `current` can be read after each. */
  async night(): Promise<{ code: number | null; stderr: string }> {
    for (let kill = 0; kill < 2; kill++) {
      await this.run(['nightly'], 1 + Math.floor(20 * Math.random()));
      await readModel(followPointer(join(this.models, 'current')));
    }
    const night = await this.run(['nightly']);
    await readModel(followPointer(join(this.models, 'current')));
    return night;
  }
}

it('a shop lives for two weeks by itself: no click is lost, no night counts twice, and current is always a model', async () => {
  const folder = makeFolder();
  const clockFile = join(makeFolder(), 'ahead');
  vi.stubEnv('NODE_OPTIONS', `--import=${clock}`);
  vi.stubEnv('CLOCK_FILE', clockFile);
  const shop = new Shop(folder, clockFile);
  await shop.setTime(startMs);
  const history = writeHistory(folder);
  const project = {
    ...{ log: 'clicks.csv', columns: { user: 'visitor', item: 'sku', time: 'at' } },
    train: { config: 'fast', set: ['nEpochs=3', 'layers=16'] },
    serve: { learn: true },
  };
  writeFileSync(join(folder, 'gru4rec.json'), JSON.stringify(project));
  await ok(folder, 'prepare');
  await ok(folder, 'train');
  shop.server = await ServerProcess.start(folder);
  const refused: string[] = [];
  for (let day = 0; day < 14; day++) {
    await shop.setTime(startMs + day * DAY_MS + DAY_MS / 2);
    const visits = Array.from({ length: 120 }, (_, visit) => {
      return [visitorOf(visit, day), visitOf(visit)] as const;
    });
    await shop.visits([...visits, [FORGOTTEN, visitOf(day)]]);
    if (day === 5) {
      // Robots walk backwards; none of them is held out, so that visitors alone judge.
      const robots = Array.from({ length: 1500 }, (_, at) => [`robot${at}`, visitOf(at, -1)] as const);
      await shop.visits(robots.filter(([robot]) => !isHeldOut(robot)));
    }
    if (day === 12) {
      const { code, stderr } = await shop.run(['forget', FORGOTTEN, '--server', shop.server.url]);
      expect([stderr, code]).toEqual([expect.anything(), 0]);
      expect(filesWith(folder, FORGOTTEN)).toEqual([]);
    }
    await shop.setTime(startMs + (day + 1) * DAY_MS + 900_000);
    // A click of the next day ends the day.
    await shop.visits([[`night${day}`, visitOf(day)]]);
    const before = shop.current;
    const { code, stderr } = await shop.night();
    if (code === 3) {
      refused.push(String(day));
      expect(shop.current).toBe(before);
    } else expect([stderr, code]).toEqual([expect.anything(), 0]);
    if (day % 4 === 0) expect((await shop.run(['nightly'])).stderr).toContain('nothing to do');
    if (day === 9) {
      const back = await shop.run(['rollback']);
      expect([back.stderr, back.code]).toEqual([expect.anything(), 0]);
      expect(shop.current).not.toBe(code === 3 ? before : '');
    }
  }
  expect(refused).toContain('5');
  expect(await shop.server.stop()).toBe(0);

  const { train } = await readDataset(join(folder, 'data'));
  // What the visitor did after the forgetting is there again.
  const back = train.sessionIds.filter((id) => id.startsWith(FORGOTTEN)).length;
  expect(back).toBe(1);
  // The visit after the last midnight is of a day that has not ended.
  expect(train.items.length).toBe(history + shop.clicks - 4 * 13 - 4);
  const written = readdirSync(join(folder, 'events')).filter((name) => name.endsWith('.jsonl'));
  const lines = written.flatMap((name) => readFileSync(join(folder, 'events', name), 'utf8').split('\n'));
  const ids = lines.flatMap((line) => /"EventId":"([^"]*)"/.exec(line)?.[1] ?? []);
  expect([ids.length, new Set(ids).size]).toEqual([shop.clicks - 4 * 13, ids.length]);
}, 1_800_000);

/** Files that contain a text. The learner saves meanwhile: where a file goes away, all are read again. */
function filesWith(folder: string, wanted: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((file) => readFileSync(file).includes(wanted));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') throw cause;
    return filesWith(folder, wanted);
  }
}
