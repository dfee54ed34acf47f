import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readDataset } from '@gru4rec/dataset';
import { prepare } from '@gru4rec/preprocess';
import { shopItems, writeShopLog } from '@gru4rec/synthetic';
import { packSessions } from '../src/site/site-files.ts';

const TEST_DAYS = 3;

/** The log of `gru4rec demo`. */
const demoLog = { events: 100_000, seed: 1 };

/** Generates and prepares the log of a shop, and writes the files that the page trains on. */
export async function makeShop(folder: string, shop = demoLog): Promise<void> {
  const scratch = await mkdtemp(join(tmpdir(), 'gru4rec-playground-'));
  try {
    const log = join(scratch, 'log.tsv');
    const data = join(scratch, 'data');
    await writeShopLog(log, shop);
    await prepare({ inputs: [log], output: data, testDays: TEST_DAYS });
    const { itemIds, train, test } = await readDataset(data);
    if (!test) throw new Error('build-page: expected a test split');
    const byId = new Map(shopItems(shop).map((item) => [String(item.id), item]));
    const items = [...itemIds].map((id) => JSON.stringify({ ...byId.get(id), id }));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'sessions.json'), packSessions({ train, test }, itemIds.length));
    await writeFile(join(folder, 'items.jsonl'), items.join('\n'));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
