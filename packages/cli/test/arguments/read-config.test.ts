import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder, runHere } from '../run-trainer.ts';

describe('readConfig', () => {
  it.each([
    ['{"layers": [8],}', /^The configuration .*\/mine\.json is not JSON: /],
    ['{"layer": [8]}', /mine\.json: configuration: unknown key "layer"; the keys are /],
    ['[]', /mine\.json: configuration: expected an object with hyper-parameters/],
  ])('makes train exit with 2 for the configuration %s', async (text, message) => {
    const folder = makeFolder();
    writeFileSync(join(folder, 'mine.json'), text);
    const argv = ['data', '--config', 'mine.json', '--output', 'model'];
    const { code, stderr } = await runHere(folder, 'train', ...argv);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
  });

  it.each([
    ['none.json', /^The configuration .*none\.json cannot be read: ENOENT/],
    ['fsat', /^Did you mean fast\? The configuration .*fsat cannot be read: ENOENT/],
  ])('makes train exit with 1 if the file %s is missing', async (file, message) => {
    const { code, stderr } = await runHere(
      makeFolder(),
      'train',
      'data',
      '--config',
      file,
      '--output',
      'model',
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(message) });
  });
});
