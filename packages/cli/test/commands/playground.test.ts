import { beforeAll, describe, expect, it } from 'vitest';
import { runHere } from '../run-trainer.ts';
import { trainTiny, useTinyShop } from '../tiny-shop.ts';

const folder = useTinyShop();

beforeAll(async () => {
  await trainTiny(folder(), 'model');
});

describe('trainer playground', () => {
  it.each([
    [['data'], 'MODEL expected a model, got a dataset, at '],
    [['model', '--data', 'model'], '--data expected a dataset, got a model, at '],
    [
      ['--data', 'data'],
      '--data expected a model whose dataset it is, got none. Write playground MODEL --data DATA',
    ],
    [['model', '--port', '99999'], '--port expected an integer from 0 to 65535, got "99999"'],
  ])('refuses %j', async (argv, message) => {
    const { code, stderr } = await runHere(folder(), 'playground', ...argv);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });
});
