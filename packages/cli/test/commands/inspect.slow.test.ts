import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ok } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop('--validation 2d');
const inspect = (line: string) => ok(folder(), `inspect ${line}`);
const read = (name: string) => readFileSync(join(folder(), name), 'utf8');

beforeAll(() => trainTiny(folder(), 'model', '--log training.jsonl --set seed=7'), 60_000);

describe('trainer inspect MODEL --html', () => {
  it('draws the history of a model beside what it prints', async () => {
    const { stdout } = await inspect('model --html model.html');
    expect(stdout).toContain('Training: 2 epochs');
    const page = read('model.html');
    for (const id of ['loss', 'recall', 'mrr', 'eventspersecond']) {
      expect(page).toContain(`<svg id="training-${id}"`);
    }
    expect(page).toContain('<th scope="row">seed</th>\n<td class="text">7</td>');
  });

  it('draws the runs of a log, also one that is training', async () => {
    appendFileSync(join(folder(), 'training.jsonl'), '{"kind":"epo');
    expect((await inspect('--log training.jsonl --html log.html')).stdout).toBe('');
    expect(read('log.html')).toMatch(
      /<svg id="training-learningrate"[\s\S]*>dataset<\/th>\n<td class="text">data</,
    );
    await trainTiny(folder(), 'model', '--log training.jsonl --overwrite');
    await inspect('model --log training.jsonl --html both.html');
    expect(read('both.html')).toContain('model (2)');
    expect(read('both.html')).toContain('2 training runs.');
  });
});
