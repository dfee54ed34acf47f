import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, ok } from '../run-trainer.ts';

let folder = '';
const DAY_MS = 86_400_000;
const start = Date.UTC(2026, 0, 1);

/** A log in which the item after a cart is another one than after a view, with a few purchases and three devices. */
function logOf(fromDay: number, days: number): string {
  const rows = ['visit,item,at,type,device'];
  let word = 7 + fromDay;
  const draw = (below: number) => {
    word = (Math.imul(word, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((word / 2 ** 32) * below);
  };
  for (let visit = 0; visit < 40 * days; visit++) {
    let item = draw(20);
    for (let click = 0; click < 5; click++) {
      const type = ['view', 'view', 'cart', 'cart', 'purchase'][draw(5)] as string;
      const at = start + fromDay * DAY_MS + (visit / 40) * DAY_MS + click * 1000;
      rows.push(`v${fromDay}-${visit},i${item},${Math.round(at)},${type},${['phone', 'desk', ''][draw(3)]}`);
      item = (item + (type === 'view' ? 1 : 7)) % 20;
    }
  }
  return `${rows.join('\n')}\n`;
}

const run = (line: string) => ok(folder, line);
const settings = 'nEpochs=8 layers=12 batchSize=8 nSample=16 learningRate=0.1 clickFeatureScale=1';
const train = (output: string, more = '') =>
  run(`train data --config defaults.json --output ${output} --set ${settings}${more}`);
const figures = async (model: string, more = '') =>
  JSON.parse((await run(`evaluate ${model} --data data --no-baselines --cutoffs 1 --json${more}`)).stdout);

beforeAll(async () => {
  folder = makeFolder(afterAll);
  writeFileSync(join(folder, 'log.csv'), logOf(0, 10));
  writeFileSync(join(folder, 'defaults.json'), '{}');
  const columns = '--columns session=visit item=item time=at type=type context=device';
  await run(`prepare --input log.csv ${columns} --test 2d --output data`);
  await train('typed', ' clickFeatures=type,device');
}, 60_000);

describe('trainer with types and context of clicks', () => {
  it('takes a cart after a view of one item for no reload, if inspect knows the types', async () => {
    const visits = [...Array(20).keys()].map((at) => `v${at},i${at % 4},1,view\nv${at},i${at % 4},2,cart\n`);
    writeFileSync(join(folder, 'carts.csv'), `SessionId,ItemId,Time,type\n${visits.join('')}`);
    const prepare = 'prepare --input carts.csv --output carts --overwrite';
    await run(prepare);
    expect((await run('inspect carts')).stdout).toContain('--collapse-repeats');
    await run(`${prepare} --columns type=type`);
    const { stdout } = await run('inspect carts');
    expect(stdout).toContain('of the item just before: 100.0 %');
    expect(stdout).not.toContain('--collapse-repeats');
  });

  it('shows the columns in inspect', async () => {
    expect((await run('inspect data')).stdout).toMatch(
      /\nColumns of clicks\n {2}type: 3 values, on 100\.0 % of the clicks: (view|cart) 4\d\.\d %, (view|cart) \d\d\.\d %, purchase \d\d\.\d %\n {2}device: 2 values, on 6\d\.\d % of the clicks: /,
    );
  });

  it('predicts better with them, and evaluates per type of the target', async () => {
    await train('plain');
    const [plain, typed] = [await figures('plain'), await figures('typed')];
    expect(typed.results[0].recall).toBeGreaterThan(plain.results[0].recall + 0.1);
    const types: { type: string; predictions: number }[] = typed.types;
    expect(types.map(({ type }) => type).sort()).toEqual(['cart', 'purchase', 'view']);
    expect(types.reduce((sum, { predictions }) => sum + predictions, 0)).toBe(typed.predictions);
    expect((await figures('typed', ' --sample 50')).types).toHaveLength(3);
    const { stdout } = await run('evaluate typed --data data --cutoffs 5');
    expect(stdout).toMatch(/│ model .* purchase │\n[\s\S]*│ GRU4Rec .* [01]\.\d{4} \/ [01]\.\d{4} │\n/);
  });

  it('compares and replays with them', async () => {
    const own = await figures('typed');
    await run('compare data --models sr typed --cutoffs 1 --output report');
    const { models } = JSON.parse(readFileSync(join(folder, 'report', 'report.json'), 'utf8'));
    const recall = { mean: own.results[0].recall };
    expect(models[1]).toMatchObject({ name: 'GRU4Rec typed', results: [{ recall }] });
    const replayed = await run(
      'replay typed --data data --against nightly frozen --json --cutoff 1 --every 6h',
    );
    for (const { recall } of JSON.parse(replayed.stdout).contenders) expect(recall).toBeGreaterThan(0.4);
  });

  it('is exported with the values of clicks, and imported with them', async () => {
    await run('export typed --format onnx --output typed-onnx');
    const clicks = JSON.parse(readFileSync(join(folder, 'typed-onnx', 'clicks.json'), 'utf8'));
    expect(clicks.columns.map(({ name }: { name: string }) => name)).toEqual(['type', 'device']);
    await run('export typed --format safetensors --output typed.safetensors');
    await run('import --safetensors typed.safetensors --output again');
    expect((await figures('again')).results).toEqual((await figures('typed')).results);
  });
});
