import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop('--validation', '2d');
const inspect = (...argv: string[]) => runHere(folder(), 'inspect', ...argv);
const read = (name: string) => readFileSync(join(folder(), name), 'utf8');

beforeAll(async () => {
  const trained = await trainTiny(folder(), 'model', '--log', 'training.jsonl', '--set', 'seed=7');
  if (trained.code !== 0) throw new Error(trained.stderr);
}, 60_000);

describe('trainer inspect MODEL --html', () => {
  it('draws the history of a model beside what it prints', async () => {
    const { code, stdout, stderr } = await inspect('model', '--html', 'model.html');
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'The page is model.html\n' });
    expect(stdout).toContain('Training: 2 epochs');
    const page = read('model.html');
    for (const id of ['loss', 'recall', 'mrr', 'eventspersecond']) {
      expect(page).toContain(`<svg id="training-${id}"`);
    }
    expect(page).toContain('<th scope="row">seed</th>\n<td class="text">7</td>');
  });

  it('draws the runs of a log, also one that is training', async () => {
    appendFileSync(join(folder(), 'training.jsonl'), '{"kind":"epo');
    const { code, stdout } = await inspect('--log', 'training.jsonl', '--html', 'log.html');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
    expect(read('log.html')).toMatch(
      /<svg id="training-learningrate"[\s\S]*>dataset<\/th>\n<td class="text">data</,
    );
    const again = await trainTiny(folder(), 'model', '--log', 'training.jsonl', '--overwrite');
    expect(again.code).toBe(0);
    expect((await inspect('model', '--log', 'training.jsonl', '--html', 'both.html')).code).toBe(0);
    expect(read('both.html')).toContain('model (2)');
    expect(read('both.html')).toContain('2 training runs.');
  });
});
