import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { readDataset } from '@gru4rec/dataset';
import { writeShopLog } from '@gru4rec/synthetic';
import { expect, it } from 'vitest';
import { currentVersion, versionsIn } from '../../src/project/versions.ts';
import { fromSources, makeFolder, packageFolder } from '../run-trainer.ts';
import { type ListBody, type ModelsBody, ServerProcess } from './server-process.ts';

const page = readFileSync(new URL('../../../../docs/production.md', import.meta.url), 'utf8');
const [, ofProject = ''] = /```json\n([^`]+)```/.exec(page) ?? [];
const [
  make = '',
  serve = '',
  nightly = '',
  versions = '',
  afresh = '',
  several = '',
  joinDays = '',
  split = '',
  forget = '',
] = [...page.matchAll(/```sh\n([^`]+)```/g)].flatMap(([, block = '']) =>
  /(npx |bin\/)gru4rec |^cat /m.test(block) ? [block.replaceAll('npx ', 'node_modules/.bin/')] : [],
);

/** Makes an installed `gru4rec` that runs the command line from its sources, in the caller's folder. */
function install(folder: string): void {
  const bin = join(folder, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  const node = [process.execPath, ...fromSources()].map((word) => `"${word}"`).join(' ');
  const script = `#!/bin/sh\nINIT_CWD="$PWD"; export INIT_CWD\ncd "${packageFolder}" && exec ${node} "$@"\n`;
  writeFileSync(join(bin, 'gru4rec'), script, { mode: 0o755 });
}

/** @returns its standard output. */
async function shell(folder: string, script: string): Promise<string> {
  const child = spawn('sh', ['-ec', script], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.on('close', resolve)),
  ]);
  expect(code, stderr).toBe(0);
  return stdout;
}

const day = (daysAgo: number) => new Date(Date.now() - daysAgo * 86_400_000).toISOString().slice(0, 10);

/** The clicks as CSV, moved in time so that they end now, and a session of 91 days ago. */
function recentLog(clicks: readonly string[]): string {
  const rows = clicks.map((line) => line.split('\t'));
  const now = Math.floor(Date.now() / 1000);
  const moved = now - Math.max(...rows.map(([, , time]) => Number(time)));
  const recent = rows.map(([session, item, time]) => [session, item, Number(time) + moved]);
  const old = rows.slice(0, 2).map(([, item]) => ['long-ago', item, now - 91 * 86_400]);
  return ['visitor_id,sku,ts', ...[...old, ...recent].map((row) => row.join(',')), ''].join('\n');
}

/** Lets the day of the event log end: copies the file of today to that of another day. */
function endDay(events: string, as: string): void {
  const log = readFileSync(join(events, `${day(0)}.jsonl`), 'utf8');
  writeFileSync(join(events, `${as}.jsonl`), log.replace(`"Day":"${day(0)}"`, `"Day":"${as}"`));
}

const optionsOf = (line = '') => line.trim().split(' ').slice(2);

it('the loop of docs/production.md: clicks on new items are logged, learnt and recommended without a restart', async () => {
  const folder = makeFolder();
  install(folder);
  const tsv = join(folder, 'clicks.tsv');
  await writeShopLog(tsv, { events: 2000, items: 60, days: 10, seed: 3 });
  const clicks = readFileSync(tsv, 'utf8').trim().split('\n').slice(1);
  writeFileSync(join(folder, 'clicks.csv'), recentLog(clicks));
  writeFileSync(join(folder, 'tokens.txt'), 'secret\n');
  const project = { ...JSON.parse(ofProject), serve: {}, train: { config: 'fast', set: 'layers=32' } };
  writeFileSync(join(folder, 'gru4rec.json'), JSON.stringify(project));
  await shell(folder, make.replace(/.* init .*\n/, ''));
  const models = join(folder, 'models');
  const idsOfData = async () => (await readDataset(join(folder, 'data'))).train.sessionIds;
  const recent = await idsOfData();
  expect(recent).not.toContain('long-ago#1');
  const first = currentVersion(models) as string;

  const server = await ServerProcess.start(folder, ...optionsOf(serve));
  const known = [...new Set(clicks.map((line) => line.split('\t')[1]))];
  for (const [visitor, item] of known.entries()) {
    for (const clicked of [item, 'new-1', 'new-2', 'new-3']) {
      expect(await server.click(`visitor-${visitor}`, clicked, { eventId: clicked })).toBe(200);
    }
  }
  const recommended = async (visitor: string) => {
    const { body } = await server.ask<ListBody>(`/v1/sessions/${visitor}/events`, { item: 'new-1', n: 10 });
    return { ...body, ids: body.items.map(({ id }) => id) };
  };
  const before = await recommended('before');
  expect(before).toMatchObject({ unknown: ['new-1'], fallback: true });

  const events = join(folder, 'events');
  endDay(events, day(1));
  await shell(folder, nightly);
  const second = currentVersion(models) as string;
  expect(second).not.toBe(first);
  expect((await idsOfData()).slice(recent.length)).toContain('visitor-0#1');

  const version = async () => (await server.ask<ModelsBody>('/v1/models')).body.models[0]?.version;
  await expect.poll(version, { timeout: 15_000 }).not.toBe(before.modelVersion);
  const after = await recommended('after');
  expect(after).toMatchObject({ unknown: [], fallback: false });
  expect(after.ids).toContain('new-2');
  // A session from before the swap goes on.
  const { body } = await server.ask('/v1/sessions/visitor-0/recommendations?n=10');
  expect(body).toMatchObject({ unknown: [], fallback: false, modelVersion: after.modelVersion });

  expect(await shell(folder, versions)).toContain(second);
  expect(currentVersion(models)).toBe(first);
  await expect.poll(version, { timeout: 15_000 }).toBe(before.modelVersion);
  expect((await server.ask<ModelsBody>('/v1/models')).body.models[0]?.error).toBeNull();
  expect(await idsOfData()).toContain('visitor-17#1');
  await shell(folder, `${forget.trim()} --server ${server.url}`);
  expect(await idsOfData()).not.toContain('visitor-17#1');
  const logs = readdirSync(events).filter((name) => name.endsWith('.jsonl'));
  expect(logs.map((name) => readFileSync(join(events, name), 'utf8')).join('')).not.toContain('visitor-17"');
  expect(await server.stop()).toBe(0);

  writeFileSync(join(events, `${day(0)}.jsonl`), '{"incomplete');
  await shell(folder, afresh);
  // Only the visitor who was forgotten clicked on that item.
  const clicked = known.filter((_, visitor) => visitor !== 17);
  expect([...(await readDataset(join(folder, 'data'))).itemIds].sort()).toEqual(
    [...clicked, 'new-1', 'new-2', 'new-3'].sort(),
  );
  expect(currentVersion(models)).toBe(versionsIn(models).at(-1));

  for (const line of several.trim().split('\n')) {
    const one = await ServerProcess.start(folder, ...optionsOf(line.replace(/--port \d+/, '--port 0')));
    for (const item of known.slice(0, 2)) await one.click(`at-${one.port}`, item as string);
    expect(await one.stop()).toBe(0);
  }
  for (const one of ['1', '2']) endDay(join(events, one), day(1));
  await shell(folder, joinDays);
  expect(readFileSync(join(events, `${day(1)}.jsonl`), 'utf8').match(/"SessionId":"at-/g)).toHaveLength(4);

  await shell(folder, 'cp -r models/$(cat models/current) candidate');
  const both = await ServerProcess.start(folder, ...optionsOf(split));
  const names = (await both.ask<ModelsBody>('/v1/models')).body.models.map(({ name }) => name);
  expect(names).toEqual(['a', 'b']);
  expect(await both.stop()).toBe(0);
});
