import { cpSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { loadModel } from '@gru4rec/model';
import { testFolder } from '@gru4rec/test-support/folder';
import { Pool } from 'undici';
import { expect, it, onTestFinished } from 'vitest';
import { arrivalTimes, loadAtRate } from '../../src/load/generate-load.ts';
import { replayOf, requestOf } from '../../src/load/load-server.ts';
import { withServer } from '../../src/load/server-process.ts';
import { ourServer, trainServed } from '../../src/suites/serve.ts';

const folder = testFolder();
const RATE = 1000;
const [SECONDS, SWAPS] = [24, 4];

/** An answer to the latest click of a session. */
interface Answered {
  readonly item: string;
  readonly modelVersion: string;
  readonly ids: readonly string[];
}

const checksumOf = (model: string): string =>
  JSON.parse(readFileSync(join(model, 'model.json'), 'utf8')).checksum;

async function expectedLists(models: readonly string[], sessions: Iterable<readonly Answered[]>) {
  const engine = createWasmEngine({ threads: 1 });
  const loaded = await Promise.all(models.map((model) => loadModel(model, { engine })));
  return Array.from(sessions, (answers) => {
    const live = new Map(loaded.map((model, at) => [checksumOf(models[at] ?? ''), model.startSession()]));
    return answers.map(({ item, modelVersion }) => {
      for (const session of live.values()) session.click(item);
      const top = live.get(modelVersion)?.recommend(20) ?? [];
      return top.map(({ id }) => id);
    });
  });
}

it('serves 1,000 requests/s while versions change: no request fails, no answer mixes versions', async () => {
  const size = { items: 1000, events: 20_000 };
  const models = [join(folder, 'wide'), join(folder, 'narrow')] as const;
  const log = await trainServed({ ...size, units: 32 }, models[0]);
  await trainServed({ ...size, units: 24 }, models[1]);
  const directory = join(folder, 'served');
  cpSync(models[0], directory, { recursive: true });
  const sessions = new Map<string, Answered[]>();
  const nextOf = replayOf(log, 'swap');

  await withServer(ourServer(directory), async ({ url }) => {
    const pool = new Pool(url, { connections: 64 });
    onTestFinished(() => pool.destroy());
    const send = async (visitor: number): Promise<number> => {
      const click = nextOf(visitor);
      const { path, body } = requestOf(click);
      const headers = { 'content-type': 'application/json' };
      const { statusCode, body: answer } = await pool.request({ method: 'POST', path, body, headers });
      // An error has neither field.
      const { modelVersion, items = [] } = (await answer.json()) as {
        modelVersion: string;
        items?: { id: string }[];
      };
      const session = sessions.get(path) ?? [];
      sessions.set(path, session);
      session.push({ item: click.item, modelVersion, ids: items.map(({ id }) => id) });
      return statusCode;
    };
    const load = loadAtRate(send, RATE, arrivalTimes(RATE, SECONDS, 1));
    for (let swap = 1; swap <= SWAPS; swap++) {
      const next = models[swap % 2 ? 1 : 0];
      cpSync(next, `${directory}.next`, { recursive: true });
      renameSync(directory, `${directory}.before`);
      renameSync(`${directory}.next`, directory);
      rmSync(`${directory}.before`, { recursive: true });
      const version = async () => {
        const answer = await fetch(`${url}/v1/models`);
        return ((await answer.json()) as { models: { version: string }[] }).models[0]?.version;
      };
      await expect.poll(version, { timeout: 10_000 }).toBe(checksumOf(next));
    }
    const sentAfterSwaps = [...sessions.values()].flat().length;
    const { answered, errors, firstError } = await load;
    expect({ answered, errors, firstError }).toEqual({ answered: RATE * SECONDS, errors: 0 });
    // The last swap ended under load.
    expect(sentAfterSwaps).toBeLessThan(answered);
  });

  const all = [...sessions.values()];
  const versions = new Set(all.flat().map(({ modelVersion }) => modelVersion));
  expect([...versions].sort()).toEqual(models.map(checksumOf).sort());
  expect(all.map((answers) => answers.map(({ ids }) => ids))).toEqual(await expectedLists(models, all));
});
