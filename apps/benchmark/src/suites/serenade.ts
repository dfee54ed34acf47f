import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { readDataset } from '@gru4rec/sessions';
import { writeSessions } from '../event-log.ts';
import type { ClickRequest } from '../load/connections.ts';
import type { Click } from '../load/replay.ts';
import { ServerProcess } from '../load/server-process.ts';

/** Serenade's session store is on disk, so it finds the sessions of earlier starts unless they are removed. */
const STORE = 'sessions.db';
/** The parameters of its README's example, with two workers for two cores. */
const parameters = { m_most_recent_sessions: 1502, neighborhood_size_k: 288, max_items_in_session: 4 };
const unused = [
  ...['training_data_path', 'test_data_path', 'validation_data_path', 'out_path'].map(
    (key) => `${key} = "none"`,
  ),
  ...['num_iterations = 1', 'save_records = false', 'enable_business_logic = false'],
  ...['n_most_recent_sessions_range', 'neighborhood_size_k_range'].map((key) => `${key} = "[1, 2]"`),
  ...['last_items_in_session_range', 'idf_weighting_range'].map((key) => `${key} = "[1, 2]"`),
];
const TRIES = 100;

/** The file that the README says where to put. */
function serenadeBinary(peerDirectory: string): string {
  return join(peerDirectory, 'serenade', 'serving');
}

/** Why Serenade cannot take part; undefined if it can. */
export function serenadeProblem(peerDirectory: string): string | undefined {
  return existsSync(serenadeBinary(peerDirectory)) ? undefined : 'not built; see the README of the benchmark';
}

/** The request that Serenade answers with recommendations after a click. */
export function serenadeRequest({ sessionId, item }: Click): ClickRequest {
  const query = new URLSearchParams({ session_id: sessionId, item_id: item, user_consent: 'true' });
  return { method: 'GET', path: `/v1/recommend?${query}` };
}

/**
 * Starts Serenade with the training sessions of a dataset as its neighbours.
 *
 * @param data - folder of the dataset. Its item ids are integers, as Serenade requires.
 * @param folder - a folder for its files.
 */
export async function startSerenade(
  peerDirectory: string,
  data: string,
  folder: string,
): Promise<ServerProcess> {
  mkdirSync(folder, { recursive: true });
  rmSync(join(folder, STORE), { recursive: true, force: true });
  await writeTraining(join(folder, 'train.txt'), data);
  const port = await freePort();
  const model = Object.entries({ ...parameters, num_items_to_recommend: 20, idf_weighting: 1 });
  const config = [
    `[server]\nhost = "127.0.0.1"\nport = ${port}\nnum_workers = 2`,
    '[data]\ntraining_data_path = "train.txt"',
    `[model]\n${model.map(([name, value]) => `${name} = ${value}`).join('\n')}`,
    '[logic]\nenable_business_logic = false',
    // Required even by the server, which does not search for them.
    `[hyperparam]\n${unused.join('\n')}`,
  ];
  writeFileSync(join(folder, 'serve.toml'), `config_type = "toml"\n${config.join('\n')}\n`);
  const file = serenadeBinary(peerDirectory);
  const program = { file, words: ['serve.toml'], directory: folder, address: /http:\/\/127\.0\.0\.1:\d+/ };
  const server = await ServerProcess.start(program);
  try {
    await answers(server.url);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Writes the training sessions in the order of the dataset. */
async function writeTraining(path: string, data: string): Promise<void> {
  const { train, itemIds } = await readDataset(data);
  const offsets = train.sessionOffsets;
  const items = Array.from(train.items, (item) => itemIds.at(item) ?? '');
  writeSessions(
    path,
    Array.from(offsets.subarray(1), (end, session) => items.slice(offsets[session], end)),
  );
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { readonly port: number }).port));
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until it listens, because it prints its address before. */
async function answers(url: string): Promise<void> {
  for (let left = TRIES; ; left--) {
    try {
      await fetch(`${url}/internal`);
      return;
    } catch (error) {
      if (left === 0) throw error;
      await setTimeout(50);
    }
  }
}
