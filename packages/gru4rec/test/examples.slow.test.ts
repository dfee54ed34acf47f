import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as gru4rec from 'gru4rec';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { clicksCsv } from './clicks-csv.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const sources = readdirSync(join(root, 'packages'))
  .flatMap((name) => {
    const folder = join(root, 'packages', name, 'src');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return files.filter((file) => file.endsWith('.ts')).map((file) => join(folder, file));
  })
  .sort((a) => (a.includes('/gru4rec/src/') ? -1 : 1))
  .map((file) => readFileSync(file, 'utf8'));

const names = Object.entries(gru4rec).flatMap(([name, value]) =>
  typeof value === 'function' && !(value.prototype instanceof Error) ? [name] : [],
);

/** The code in the comment of an exported function or class; that of `gru4rec` before that of the function that it wraps. */
function exampleOf(name: string): string | undefined {
  const declaration = new RegExp(`\\*/\nexport (async )?(function|class) ${name}\\b`);
  for (const source of sources) {
    const end = source.search(declaration);
    const [, code] = source.slice(source.lastIndexOf('/**', end), end).split('@example\n');
    if (end >= 0 && code !== undefined) return code.replaceAll(/^ \* ?/gm, '');
  }
  return undefined;
}

const folder = mkdtempSync(join(tmpdir(), 'gru4rec-examples-'));
let ran: { readonly stdout: string; readonly stderr: string };

beforeAll(() => {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(root, 'packages/gru4rec'), join(folder, 'node_modules/gru4rec'), 'junction');
  writeFileSync(join(folder, 'clicks.csv'), clicksCsv());
  writeFileSync(
    join(folder, 'tomorrow.csv'),
    'SessionId,ItemId,Time\nlate,item-1,2000000000\nlate,new,2000000001\n',
  );
  writeFileSync(join(folder, 'items.jsonl'), '{"id":"item-1","title":"one"}\n');
  const blocks = names.map(
    (name) => `await (async () => {\n${exampleOf(name) ?? 'throw new Error("none");'}\n})().then(
      () => console.log('${name} ran'), (error) => console.log('${name} failed:', error));`,
  );
  const program = `import { ${names.join(', ')} } from 'gru4rec';
    await prepare({ inputs: ['clicks.csv'], output: 'data', testDays: 1 });
    const dataset = await readDataset('data');
    const { test } = dataset;
    const model = await train(dataset, { layers: [8], nEpochs: 1 });
    await model.save('model');
    ${blocks.join('\n')}`;
  writeFileSync(join(folder, 'examples.mts'), program);
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
  const argv = [`--import=${tsx}`, '--conditions=@gru4rec/source', 'examples.mts'];
  ran = spawnSync(process.execPath, argv, { cwd: folder, encoding: 'utf8' });
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

it.each(names)('%s has an example that runs', (name) => {
  expect(exampleOf(name), 'the code after @example').toContain(name);
  expect(ran.stdout.split('\n'), `${ran.stdout}${ran.stderr}`).toContain(`${name} ran`);
});
