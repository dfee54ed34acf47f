import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answering, installFake } from '@gru4rec/test-support';
import { beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { makeFolder, runHere } from '../run-trainer.ts';
import { tinyTraining, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop('--validation 2d');
const run = (line: string) => runHere(folder(), line);
const tune = 'tune data --space space.json --output study --trials 1';
let project: string;

beforeAll(() => {
  const space = { layers: [4], nSample: 16, batchSize: 8, nEpochs: 1 };
  writeFileSync(join(folder(), 'space.json'), JSON.stringify(space));
});
beforeEach(() => {
  project = makeFolder();
  vi.stubEnv('INIT_CWD', project);
  return () => vi.unstubAllEnvs();
});

describe('trainer tune', () => {
  it.each(['tensorflow', 'cuda'])(
    'reports like train that engine %s is unavailable, and starts nothing',
    async (engine) => {
      const trained = await run(tinyTraining('model', `--engine ${engine}`));
      expect(trained).toMatchObject({ code: 1, stdout: '' });
      expect(trained.stderr).toMatch(/^No TensorFlow runtime computes on .*gru4rec setup tensorflow.*\n$/);
      expect(await run(`${tune} --engine ${engine}`)).toEqual(trained);
      expect(existsSync(join(folder(), 'study'))).toBe(false);
    },
  );

  it.each([
    ['tensorflow', '@tensorflow/tfjs-node', 'throw new Error("libz.so: cannot open shared object file");'],
    ['cuda', '@tensorflow/tfjs-node-gpu', answering(false)],
  ])('says like train why engine %s does not run', async (engine, name, module) => {
    installFake(project, name, module);
    const trained = await run(tinyTraining('model', `--engine ${engine}`));
    expect(trained).toMatchObject({ code: 1, stderr: expect.stringContaining(`${name} 4.22.0 (installed`) });
    expect(await run(`${tune} --engine ${engine}`)).toEqual(trained);
  });

  it('reports an unreachable server in one line, and leaves no folder', async () => {
    const url = 'postgres://ann:secret@127.0.0.1:1/studies?connect_timeout=1';
    expect(await run(`${tune} --storage ${url}`)).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'openStudyDatabase: "url" expected a PostgreSQL database that can be opened, got connect ECONNREFUSED 127.0.0.1:1, at postgres://ann@127.0.0.1:1/studies, study study. Check host, port, database, user and password, and whether the server is running.\n',
    });
    expect(existsSync(join(folder(), 'study'))).toBe(false);
  });
});
