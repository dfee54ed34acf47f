import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readDataset } from '@gru4rec/sessions';
import { writeShopLog } from '@gru4rec/synthetic';
import { expect, it } from 'vitest';
import { makeFolder, runHere } from './run-trainer.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));

it('runs the commands of the README’s section "Train on your own clicks", one after the other', async () => {
  const [, section = ''] =
    /## Train on your own clicks\n.*?```sh\n(.*?)```/s.exec(readFileSync(join(root, 'README.md'), 'utf8')) ??
    [];
  const commands = section.trim().split('\n');
  expect(commands).toHaveLength(4);

  const folder = makeFolder();
  await writeShopLog(join(folder, 'clicks.csv'), { events: 4000, items: 60, days: 10, seed: 1 });
  for (const line of commands) {
    const ids = line.includes('ID,ID')
      ? [...(await readDataset(join(folder, 'data'))).itemIds].slice(0, 2)
      : [];
    const words = line
      .replace('npx gru4rec ', '')
      .replace('ID,ID', [...ids].join(','))
      .split(' ');
    const { code, stderr } = await runHere(folder, ...words);
    expect(code, `${line}\n${stderr}`).toBe(0);
  }
  const outputs = ['data', 'model'];
  expect(outputs.filter((output) => !existsSync(join(folder, output)))).toEqual([]);
});
