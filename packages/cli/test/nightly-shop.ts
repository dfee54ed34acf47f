import { cpSync, mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { readRecord } from '../src/project/versions.ts';
import { makeFolder, ok } from './run-trainer.ts';

export const DAY_MS = 86_400_000;
export const startMs = Date.parse('2026-05-01');
export const dayOf = (day: number) => new Date(startMs + day * DAY_MS).toISOString().slice(0, 10);

/** Visits of four clicks, one after another, that walk along a ring of items. */
function visitsOf(
  day: number,
  visits: number,
  by: { step: 1 | -1; ms: number; visitor: (visit: number) => string },
) {
  return Array.from({ length: 4 * visits }, (_, click) => {
    const [visit, at] = [Math.floor(click / 4), click % 4];
    return {
      visitor: by.visitor(visit),
      item: `p${(visit + 100 + by.step * at) % 100}`,
      ms: startMs + day * DAY_MS + visit * by.ms + at * 1000,
    };
  });
}

export const clicksOf = (day: number) =>
  visitsOf(day, 240, { step: 1, ms: 300_000, visitor: (visit) => `v${(visit * 7 + day * 11) % 400}` });

/** Robots walk backwards, all day. */
export const robotsOf = (day: number, robots: number) =>
  visitsOf(day, robots, { step: -1, ms: 30_000, visitor: (robot) => `robot${robot}` });

/** Makes a project with a model of ten days, whose columns have unusual names, before the tests of a file. @returns a function that copies it. */
export function useNightlyShop(): () => string {
  let shop = '';
  beforeAll(async () => {
    const folder = makeFolder(afterAll);
    const clicks = Array.from({ length: 10 }, (_, day) => clicksOf(day)).flat();
    const rows = clicks.map(
      ({ visitor, item, ms }) => `${new Date(ms).toISOString()};${visitor};${item};view`,
    );
    writeFileSync(join(folder, 'clicks.csv'), ['at;visitor;sku;kind', ...rows, ''].join('\n'));
    const project = {
      log: 'clicks.csv',
      columns: { user: 'visitor', item: 'sku', time: 'at', type: 'kind' },
      train: { config: 'fast', set: ['nEpochs=3', 'layers=16'] },
    };
    writeFileSync(join(folder, 'gru4rec.json'), JSON.stringify(project));
    await ok(folder, 'prepare');
    await ok(folder, 'train');
    shop = folder;
  }, 60_000);
  return () => {
    const folder = makeFolder();
    cpSync(shop, folder, { recursive: true });
    return folder;
  };
}

/** A file of the event log, as `serve` writes it, last written at the end of its day. @returns its path. */
export function logDay(folder: string, day: number, clicks = clicksOf(day)): string {
  mkdirSync(join(folder, 'events'), { recursive: true });
  const lines = clicks.map(({ visitor: SessionId, item: ItemId, ms }) =>
    JSON.stringify({ SessionId, ItemId, Time: new Date(ms).toISOString(), Type: 'view', Model: 'm' }),
  );
  const first = JSON.stringify({ EventLog: 'gru4rec', Day: dayOf(day) });
  const file = join(folder, 'events', `${dayOf(day)}.jsonl`);
  writeFileSync(file, [first, ...lines, ''].join('\n'));
  utimesSync(file, new Date(dayOf(day + 1)), new Date(dayOf(day + 1)));
  return file;
}

export const currentOf = (folder: string) => readFileSync(join(folder, 'models', 'current'), 'utf8').trim();
export const sessionsOf = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'data', 'dataset.json'), 'utf8')).counts.splits.train.sessions;

export const recordOf = (folder: string, version: string) => {
  const record = readRecord(join(folder, 'models'), version);
  if (!record) throw new Error(`${version} has no record`);
  return record;
};
