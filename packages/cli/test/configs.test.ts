import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseContenders } from '@gru4rec/comparison';
import { describe, expect, it } from 'vitest';
import { readConfig } from '../src/arguments/read-inputs.ts';
import { readSpace } from '../src/tuning/read-space.ts';
import { makeFolder } from './run-trainer.ts';

const folder = new URL('../configs/', import.meta.url);
/** Of the repository, not of the package. */
const study = '../../../configs/study/';
const read = (name: string) => readConfig(fileURLToPath(new URL(name, folder)), {});

describe('configs', () => {
  it('are read from the package where the user’s folder has no file of that name', async () => {
    const user = makeFolder();
    const name = join(user, 'configs', 'demo.json');
    expect(await readConfig(name, {})).toEqual(await read('demo.json'));
    expect(Object.keys(await readSpace(join(user, 'configs', 'spaces', 'bpr-max.json')))).toContain('layers');
    await expect(readConfig(join(user, 'demo.json'), {})).rejects.toThrow(/cannot be read/);
    await expect(readConfig(join(user, 'configs', 'none.json'), {})).rejects.toThrow(
      /none.json cannot be read/,
    );
    mkdirSync(join(user, 'configs'));
    writeFileSync(name, '{"nEpochs": 3}');
    expect(await readConfig(name, {})).toMatchObject({ nEpochs: 3, layers: [100] });
  });

  const inStudy = readdirSync(new URL(study, folder)).map((name) => `${study}${name}`);
  const [baselines, tuned] = [true, false].map((isOfBaselines) =>
    inStudy.filter((name) => name.endsWith('-baselines.json') === isOfBaselines),
  );
  const others = readdirSync(folder).filter((name) => name.endsWith('.json'));

  it.each([...others, ...(tuned ?? [])])('%s is valid', async (name) => {
    expect((await read(name)).nEpochs).toBeGreaterThan(0);
  });

  it.each(baselines ?? [])('%s has contenders of compare', (name) => {
    const contenders: Record<string, string> = JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
    expect(parseContenders(Object.values(contenders))).toHaveLength(12);
  });
});
