// Makes the site's playground: trains a model on a generated shop whose items have titles.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli } from '@gru4rec/cli';
import { shopItems, writeShopLog } from '@gru4rec/synthetic';

const site = fileURLToPath(new URL('../generated/public/playground', import.meta.url));
const config = fileURLToPath(new URL('../../../packages/cli/configs/demo.json', import.meta.url));
const shop = { events: 100_000, seed: 42 };
const directory = mkdtempSync(join(tmpdir(), 'gru4rec-docs-'));

try {
  await writeShopLog(join(directory, 'clicks.tsv'), shop);
  const items = shopItems(shop).map((item) => `${JSON.stringify({ ...item, id: String(item.id) })}\n`);
  writeFileSync(join(directory, 'items.jsonl'), items.join(''));
  await command(...'prepare --input clicks.tsv --items items.jsonl --test 2d --output data'.split(' '));
  const features = ['itemFeatures=title,group,brand', 'itemFeatureScale=0.2'];
  await command(
    'train',
    'data',
    '--config',
    config,
    '--set',
    'seed=1',
    '--output',
    'shop',
    '--set',
    ...features,
  );
  await command('playground', 'shop', '--data', 'data', '--output', site);
  const small = ['--format', 'web', '--weights', 'int8', '--output', join(site, 'model'), '--overwrite'];
  await command('export', 'shop', ...small);
} finally {
  rmSync(directory, { recursive: true });
}

async function command(...argv: string[]): Promise<void> {
  const status = await runCli(argv, { stdout: process.stdout, stderr: process.stderr, directory });
  if (status !== 0) process.exit(status);
}
