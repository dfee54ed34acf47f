import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { loadModel } from '@gru4rec/model';
import { Pool } from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import { arrivalTimes, loadAtRate } from '../../src/load/generate-load.ts';
import { replayOf, requestOf } from '../../src/load/load-server.ts';
import { type ServerProcess, withServer } from '../../src/load/server-process.ts';
import { ourServer, readReplayLog, servedFolders } from '../../src/suites/serve.ts';

/** Requests per second. */
const RATE = 1000;
const SECONDS = 24;
const SWAPS = 4;

/** An answer to the latest click of a session. */
interface Answered {
  readonly item: string;
  readonly modelVersion: string;
  readonly ids: readonly string[];
}

const checksumOf = (model: string): string =>
  JSON.parse(readFileSync(join(model, 'model.json'), 'utf8')).checksum;

/** Replaces a folder by renames. */
function replace(directory: string, by: string): void {
  const copy = `${directory}.next`;
  cpSync(by, copy, { recursive: true });
  renameSync(directory, `${directory}.before`);
  renameSync(copy, directory);
  rmSync(`${directory}.before`, { recursive: true });
}

/** The lists that each version gives for the clicks of a session. */
async function expectedLists(models: readonly string[], sessions: Iterable<readonly Answered[]>) {
  const engine = createWasmEngine({ threads: 1 });
  const loaded = await Promise.all(models.map((model) => loadModel(model, { engine })));
  return Array.from(sessions, (answers) => {
    const live = new Map(loaded.map((model, at) => [checksumOf(models[at] ?? ''), model.startSession()]));
    return answers.map(({ item, modelVersion }) => {
      for (const session of live.values()) session.click(item);
      const top = live.get(modelVersion)?.top(20) ?? [];
      return top.map(({ itemId }) => itemId);
    });
  });
}

/** An answer of a click; an error has neither field. */
interface AnswerBody {
  readonly modelVersion: string;
  readonly items?: readonly { readonly id: string }[];
}

it('serves 1,000 requests/s while versions change: no request fails, no answer mixes versions', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gru4rec-swap-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const size = { items: 1000, events: 20_000 };
  const made = [
    await servedFolders({ ...size, units: 32 }, folder),
    await servedFolders({ ...size, units: 24 }, folder),
  ] as const;
  const models = made.map(({ model }) => model);
  const directory = join(folder, 'served');
  cpSync(models[0] ?? '', directory, { recursive: true });
  await withServer(ourServer(directory), (server) => swapUnderLoad(server, directory, models, made[0].data));
});

async function swapUnderLoad(
  server: ServerProcess,
  directory: string,
  models: readonly string[],
  data: string,
): Promise<void> {
  const pool = new Pool(server.url, { connections: 64 });
  onTestFinished(() => pool.destroy());

  const sessions = new Map<string, Answered[]>();
  const nextOf = replayOf(await readReplayLog(data), 'swap');
  const send = async (visitor: number): Promise<number> => {
    const click = nextOf(visitor);
    const { path, body } = requestOf(click);
    const headers = { 'content-type': 'application/json' };
    const { statusCode, body: answer } = await pool.request({ method: 'POST', path, body, headers });
    const { modelVersion, items = [] } = (await answer.json()) as AnswerBody;
    const ids = items.map(({ id }) => id);
    const session = sessions.get(path) ?? [];
    sessions.set(path, session);
    session.push({ item: click.item, modelVersion, ids });
    return statusCode;
  };
  const load = loadAtRate(send, RATE, arrivalTimes(RATE, SECONDS, 1));
  for (let swap = 1; swap <= SWAPS; swap++) {
    const next = models[swap % 2] ?? '';
    replace(directory, next);
    const version = async () => {
      const answer = await fetch(`${server.url}/v1/models`);
      return ((await answer.json()) as { models: { version: string }[] }).models[0]?.version;
    };
    await expect.poll(version, { timeout: 10_000 }).toBe(checksumOf(next));
  }
  const sentAfterSwaps = [...sessions.values()].flat().length;
  const { answered, errors, firstError } = await load;

  expect({ answered, errors, firstError }).toEqual({ answered: RATE * SECONDS, errors: 0 });
  // The last swap ended under load.
  expect(sentAfterSwaps).toBeLessThan(answered);
  const found = [...sessions.values()];
  const versions = new Set(found.flat().map(({ modelVersion }) => modelVersion));
  expect([...versions].sort()).toEqual(models.map(checksumOf).sort());
  expect(found.map((answers) => answers.map(({ ids }) => ids))).toEqual(await expectedLists(models, found));
}
