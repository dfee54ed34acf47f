import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { lockOutput } from '@gru4rec/durable-files';
import { beforeEach, describe, expect, it } from 'vitest';
import { versionsIn } from '../../src/project/versions.ts';
import { makeProject, shopProject, writeProject } from '../project-shop.ts';
import { ok, runHere } from '../run-trainer.ts';
import { ServerProcess } from '../serving/server-process.ts';

const ID = 'visitor-17-secret';
const lineOf = (session: string, item: string) =>
  `${JSON.stringify({ SessionId: session, ItemId: item, Time: '2026-05-20T00:00:00.000Z', Model: 'm' })}\n`;

let folder = '';
const path = (...names: string[]) => join(folder, ...names);

/** A project with a model, whose visitor 17 comes back, and two days of an event log. */
beforeEach(async () => {
  folder = makeProject({}, { number: 17, id: ID });
  await ok(folder, 'prepare');
  await ok(folder, 'train');
  mkdirSync(path('events'));
  const day = `${lineOf(ID, 'p1')}${lineOf('v1', 'p2')}`;
  writeFileSync(path('events', '2026-05-20.jsonl'), day);
  writeFileSync(path('events', '2026-05-19.jsonl.gz'), gzipSync(day));
}, 60_000);

/** Files of the project that have the id, but for the log that it was made of. */
function filesWithId(): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => {
    if (name === 'clicks.csv' || statSync(path(name)).isDirectory()) return false;
    const bytes = readFileSync(path(name));
    return (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).includes(ID);
  });
}

const [version, today] = [() => versionsIn(path('models'))[0] ?? '', new Date().toISOString().slice(0, 10)];
const learnt = () =>
  `${version()} was trained before sessions were forgotten, on ${today} (1 id): what it learnt of them stays until a model is trained anew\n`;

/** A server of the project, which the project file says where to find. */
async function serve(...more: string[]): Promise<ServerProcess> {
  const server = await ServerProcess.start(folder, join('models', version()), ...more);
  writeProject(folder, { ...shopProject, serve: { port: Number(server.port) } });
  return server;
}

describe('gru4rec forget in a project', () => {
  it('needs no option: data, log and versions have the id no more, and rollback says what a version learnt', async () => {
    expect(filesWithId().filter((name) => name.startsWith('models'))).toEqual([]);
    expect(filesWithId().length).toBeGreaterThan(2);
    expect((await ok(folder, `forget ${ID}`)).stdout).toBe(
      `events: removed 2 clicks from 2 files\ndata: removed 5 sessions of train\n${learnt()}`,
    );
    expect(filesWithId()).toEqual([]);
    expect(JSON.parse(readFileSync(path('models', 'forgotten.json'), 'utf8'))).toEqual([
      { date: expect.stringMatching(today), ids: 1 },
    ]);
    const { stderr } = await ok(folder, `rollback ${version()}`);
    expect(stderr).toBe(`${version()} is current; the next night continues it\n${learnt()}`);
    // What was forgotten before its training is not in it.
    writeFileSync(path('models', 'forgotten.json'), '[{ "date": "2026-01-01T00:00:00.000Z", "ids": 1 }]');
    expect((await ok(folder, `rollback ${version()}`)).stderr).not.toContain('forgotten');
    expect((await ok(folder, 'forget nobody 17')).stdout).toContain(
      'No session has one of the ids "nobody", "17"\n',
    );
    const unlock = lockOutput(path('models', 'night'), 'nightly');
    const refused = await runHere(folder, 'forget', ID);
    unlock();
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/is being written by .*nightly/),
    ]);
  }, 60_000);

  it('asks the server that writes the log, with a token, while clicks arrive', async () => {
    writeFileSync(path('tokens.txt'), 'secret\n');
    const server = await serve('--event-log', 'events', '--learn', '--token-file', 'tokens.txt');
    const click = (session: string, item: string) =>
      fetch(`${server.url}/v1/sessions/${session}/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer secret' },
        body: JSON.stringify({ item, n: 0 }),
      });
    for (const item of ['p1', 'p2', 'p3']) await click(ID, item);
    let isClicking = true;
    let clicks = 0;
    const clicking = (async () => {
      for (; isClicking; clicks++) await click('v2', `p${clicks % 20}`);
    })();
    const refused = await runHere(folder, 'forget', ID);
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringContaining('answered 401: Expected a bearer'),
    ]);
    writeProject(folder, {
      ...shopProject,
      serve: { port: Number(server.port), 'token-file': 'tokens.txt' },
    });
    expect((await ok(folder, `forget ${ID}`)).stdout).toBe(
      `${server.url}: removed 1 session and 5 clicks\ndata: removed 5 sessions of train\n${learnt()}`,
    );
    expect(filesWithId()).toEqual([]);
    isClicking = false;
    await clicking;
    await server.stop();
    expect(filesWithId()).toEqual([]);
    const lines = readFileSync(path('events', `${today}.jsonl`), 'utf8').split('\n');
    expect(lines.filter((line) => line.trim() !== '' && JSON.parse(line).SessionId === 'v2')).toHaveLength(
      clicks,
    );
  }, 60_000);
});
