import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { readDataset } from '@gru4rec/dataset';
import { writeShopLog } from '@gru4rec/synthetic';
import { expect, it } from 'vitest';
import { fromSources, makeFolder, packageFolder } from '../run-trainer.ts';
import { type ListBody, type ModelsBody, ServerProcess } from './server-process.ts';

const page = readFileSync(new URL('../../../../docs/production.md', import.meta.url), 'utf8');
const [prepareAndTrain = '', serve = '', nightly = '', afresh = '', split = '', forget = ''] = [
  ...page.matchAll(/```sh\n([^`]+)```/g),
].flatMap(([, block = '']) => (block.includes('node_modules/.bin/gru4rec') ? [block] : []));

/** Makes an installed `gru4rec` that runs the command line from its sources, in the caller's folder. */
function install(folder: string): void {
  const bin = join(folder, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  const node = [process.execPath, ...fromSources()].map((word) => `"${word}"`).join(' ');
  const script = `#!/bin/sh\nINIT_CWD="$PWD"; export INIT_CWD\ncd "${packageFolder}" && exec ${node} "$@"\n`;
  writeFileSync(join(bin, 'gru4rec'), script, { mode: 0o755 });
}

/** @returns its standard output. */
async function shell(folder: string, script: string, ...args: string[]): Promise<string> {
  const child = spawn('sh', ['-c', script, 'sh', ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.on('close', resolve)),
  ]);
  expect(code, stderr).toBe(0);
  return stdout;
}

/** The clicks as CSV, moved in time so that they end now, and a session of 91 days ago. */
function recentLog(clicks: readonly string[]): string {
  const rows = clicks.map((line) => line.split('\t'));
  const now = Math.floor(Date.now() / 1000);
  const moved = now - Math.max(...rows.map(([, , time]) => Number(time)));
  const recent = rows.map(([session, item, time]) => [session, item, Number(time) + moved]);
  const old = rows.slice(0, 2).map(([, item]) => ['long-ago', item, now - 91 * 86_400]);
  return ['SessionId,ItemId,Time', ...[...old, ...recent].map((row) => row.join(',')), ''].join('\n');
}

const optionsOf = (block: string) => block.trim().replace('node_modules/.bin/gru4rec serve ', '').split(' ');

it('the loop of docs/production.md: clicks on new items are logged, learnt and recommended without a restart', async () => {
  const folder = makeFolder();
  install(folder);
  const tsv = join(folder, 'clicks.tsv');
  await writeShopLog(tsv, { events: 2000, items: 60, days: 10, seed: 3 });
  const clicks = readFileSync(tsv, 'utf8').trim().split('\n').slice(1);
  writeFileSync(join(folder, 'clicks.csv'), recentLog(clicks));
  await shell(folder, prepareAndTrain);
  const idsOfData = async () => (await readDataset(join(folder, 'data'))).train.sessionIds;
  const [longAgo, ...recent] = await idsOfData();
  expect(longAgo).toBe('long-ago');
  const server = await ServerProcess.start(folder, ...optionsOf(serve));
  const known = [...new Set(clicks.map((line) => line.split('\t')[1]))];
  for (const [visitor, first] of known.entries()) {
    for (const item of [first, 'new-1', 'new-2', 'new-3']) {
      expect(await server.click(`visitor-${visitor}`, item, { eventId: item })).toBe(200);
    }
  }
  const recommended = async (visitor: string) => {
    const { body } = await server.ask<ListBody>(`/v1/sessions/${visitor}/events`, { item: 'new-1', n: 10 });
    return { ...body, ids: body.items.map(({ id }) => id) };
  };
  const before = await recommended('before');
  expect(before).toMatchObject({ unknown: ['new-1'], fallback: true });

  expect(await shell(folder, nightly, '2026-01-01')).toBe('No clicks on 2026-01-01\n');
  await shell(folder, nightly, new Date().toISOString().slice(0, 10));
  const ids = await idsOfData();
  expect(ids.slice(0, recent.length)).toEqual(recent);
  expect(ids.slice(recent.length)).toContain('visitor-0');

  const version = async () => (await server.ask<ModelsBody>('/v1/models')).body.models[0]?.version;
  await expect.poll(version, { timeout: 15_000 }).not.toBe(before.modelVersion);
  const after = await recommended('after');
  expect(after).toMatchObject({ unknown: [], fallback: false });
  expect(after.ids).toContain('new-2');
  // A session from before the swap goes on.
  const { body } = await server.ask('/v1/sessions/visitor-0/recommendations?n=10');
  expect(body).toMatchObject({ unknown: [], fallback: false, modelVersion: after.modelVersion });
  expect((await server.ask<ModelsBody>('/v1/models')).body.models[0]?.error).toBeNull();
  expect(await server.stop()).toBe(0);

  const today = new Date().toISOString().slice(0, 10);
  renameSync(join(folder, 'events', `${today}.jsonl`), join(folder, 'events', '2026-01-02.jsonl'));
  writeFileSync(join(folder, 'events', `${today}.jsonl`), '{"incomplete');
  await shell(folder, afresh);
  expect([...(await readDataset(join(folder, 'data'))).itemIds].sort()).toEqual(
    [...known, 'new-1', 'new-2', 'new-3'].sort(),
  );

  await shell(folder, 'cp -r model candidate');
  const both = await ServerProcess.start(folder, ...optionsOf(split));
  const models = (await both.ask<ModelsBody>('/v1/models')).body.models.map(({ name }) => name);
  expect(models).toEqual(['a', 'b']);

  expect(await both.stop()).toBe(0);
  expect(await idsOfData()).toContain('visitor-17');
  expect(await shell(folder, forget)).toMatch(
    /^events: removed 4 clicks from 1 file\n(.*\n)?data: removed 1 session of train\nmodel: was trained on this dataset before,/,
  );
  expect(await idsOfData()).not.toContain('visitor-17');
});
