import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addToy, copyTree, run } from './copied-tree.ts';
import { baseline, cell, chart, loss, metric, op, opElsewhere, optimizer, part } from './toys.ts';

// The recipes of ARCHITECTURE.md, "Where to add", in a copy of the tree: each toy is one file and one line of a registry.

let tree = '';
let work = '';

async function typeErrors(...flags: string[]): Promise<string> {
  const tsc = join(tree, 'node_modules', 'typescript', 'bin', 'tsc');
  const { stdout } = await run(process.execPath, [tsc, ...flags], { cwd: tree }).catch((e) => e);
  return stdout;
}

async function trainer(...argv: string[]): Promise<string> {
  const tsx = join(tree, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  const main = join(tree, 'apps', 'trainer', 'src', 'main.ts');
  const { stdout } = await run(process.execPath, [tsx, '--conditions=@gru4rec/source', main, ...argv], {
    cwd: work,
    env: { ...process.env, INIT_CWD: work },
  });
  return stdout;
}

/** Expects tests with "toy" in their names to run in these files of the copy, and to pass. */
async function expectToyTests(project: string, ...files: string[]): Promise<void> {
  const vitest = join(tree, 'node_modules', 'vitest', 'vitest.mjs');
  const words = [vitest, 'run', '--reporter', 'json', '--project', project, '-t', '\\btoy\\b', ...files];
  const { stdout } = await run(process.execPath, words, { cwd: tree, maxBuffer: 2 ** 28 }).catch((e) => e);
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(stdout);
  expect(testResults).toHaveLength(files.length);
  expect([numPassedTests > 0, numFailedTests]).toEqual([true, 0]);
}

/** Sessions of eight items over ten days, the later ones for validation and test. */
function clicks(): string {
  const rows = Array.from({ length: 600 }, (_, n) => {
    const session = Math.floor(n / 3);
    const time = new Date(Date.UTC(2026, 0, 1) + (session / 20) * 86_400_000 + (n % 3) * 60_000);
    return `s${session},i${(session * session + n) % 8},${time.toISOString()}`;
  });
  return `session,item,time\n${rows.join('\n')}\n`;
}

beforeAll(() => {
  tree = copyTree();
  work = join(tree, 'work');
  mkdirSync(work);
  for (const toy of [loss, cell, optimizer, metric, baseline, chart, op, part]) addToy(tree, toy);
  writeFileSync(join(work, 'clicks.csv'), clicks());
}, 120_000);

afterAll(() => rmSync(tree, { recursive: true, force: true }), 120_000);

describe('an op', () => {
  it('is a type error in each registry without it', async () => {
    const errors = await typeErrors('-b');
    const where = errors.split('\n').flatMap((line) => /^\S+\.ts(?=\()/.exec(line) ?? []);
    expect([...new Set(where)].sort()).toEqual(opElsewhere.map(({ registry }) => registry).sort());
    expect(errors.match(/Property '?toy'? is missing/g)).toHaveLength(opElsewhere.length);
  });

  it('leaves no type error once it has its file and line in each', async () => {
    for (const toy of opElsewhere) addToy(tree, toy);
    expect(await typeErrors('-b')).toBe('');
    expect(await typeErrors('-p', 'tsconfig.test.json')).toBe('');
  });

  it('passes the conformance suite of every engine, as the optimiser does', async () => {
    await expectToyTests('fast', 'packages/engine-wasm/test/engine.test.ts');
    if (process.env['GRU4REC_TENSORFLOW'] === undefined) return;
    await expectToyTests('long', 'packages/engine-tensorflow/test/conformance.long.test.ts');
  });
});

it('loss and cell pass the tests of gradients, extreme scores and all items', async () => {
  const files = ['programs/gradients', 'losses/extreme-scores', 'losses/losses'];
  await expectToyTests('fast', ...files.map((name) => `packages/model/test/${name}.test.ts`));
});

describe('the command line', () => {
  it('trains with loss, cell and optimiser, and stops early by the metric', async () => {
    const columns = ['--columns', 'session=session', '--columns', 'item=item', '--columns', 'time=time'];
    const days = ['--test', '2d', '--validation', '2d'];
    await trainer('prepare', '--input', 'clicks.csv', ...columns, ...days, '--output', 'data');
    const toys = ['loss=toy', 'cell=toy', 'optimizer=toy', 'validationMetric=toy'];
    const values = [...toys, 'patience=1', 'nEpochs=1', 'nSample=4', 'batchSize=4'];
    const set = values.flatMap((value) => ['--set', value]);
    await trainer('train', 'data', ...set, '--output', 'model');
    const model = JSON.parse(readFileSync(join(work, 'model', 'model.json'), 'utf8'));
    expect(model).toMatchObject({
      config: { loss: 'toy', cell: 'toy', optimizer: 'toy', validationMetric: 'toy' },
    });
  });

  it('fits the part of the score, and scores with it', async () => {
    const values = ['parts=network,toy', 'nEpochs=3', 'nSample=4', 'batchSize=4', 'layers=[8]'];
    await trainer('train', 'data', ...values.flatMap((value) => ['--set', value]), '--output', 'parts');
    const bytes = readFileSync(join(work, 'parts', 'model.safetensors'));
    const end = 8 + Number(bytes.readBigUInt64LE());
    const { 'toy.weights': place } = JSON.parse(bytes.subarray(8, end).toString());
    expect(place.shape).toEqual([1, 1]);
    // The network predicts these clicks by itself.
    expect(bytes.readFloatLE(end + place.data_offsets[0])).toBeCloseTo(0, 3);
    const { results } = JSON.parse(
      await trainer('evaluate', 'parts', '--data', 'data', '--cutoffs', '2', '--json'),
    );
    expect(results[0].recall).toBeGreaterThan(0.5);
  });

  it('evaluates the metric', async () => {
    const stdout = await trainer('evaluate', 'model', '--data', 'data', '--cutoffs', '2', '--json');
    const { results } = JSON.parse(stdout);
    expect(results.length).toBeGreaterThan(0);
    for (const { recall, toy } of results) expect(toy).toBe(recall / 2);
  });

  it('compares with the baseline, and draws metric and chart', async () => {
    const options = ['--cutoffs', '2', '--output', 'comparison'];
    await trainer('compare', 'data', '--models', 'pop', 'toy', ...options);
    const read = (name: string) => readFileSync(join(work, 'comparison', name), 'utf8');
    const [pop, toy] = JSON.parse(read('report.json')).models;
    expect([pop.name, toy.name]).toEqual(['POP', 'Toy']);
    expect(toy.results).toMatchObject(pop.results);
    expect(toy.results[0].toy.mean).toBeCloseTo(toy.results[0].recall.mean / 2, 12);
    const page = read('report.html');
    expect(page).toContain('<h2 id="toy">Toy</h2>');
    expect(page).toContain('<svg id="toy-chart"');
    expect(page).toContain('<svg id="interval-toy"');
  });
});
