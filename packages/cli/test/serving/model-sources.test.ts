import { UsageError } from '@gru4rec/checked-options';
import { expect, it } from 'vitest';
import { modelSources } from '../../src/serving/model-sources.ts';

it('names models by their folders, unless they have a name', () => {
  expect(modelSources(['models/shop', 'b=other', '/models/c'], '/data')).toEqual([
    { name: 'shop', directory: '/data/models/shop' },
    { name: 'b', directory: '/data/other' },
    { name: 'c', directory: '/models/c' },
  ]);
});

it('gives models the shares of a split', () => {
  const sources = modelSources(['a=x', 'b=y'], '/data', 'b=10, a=2.5');
  expect(sources.map(({ name, weight }) => [name, weight])).toEqual([
    ['a', 2.5],
    ['b', 10],
  ]);
});

it.each([
  [['a=x', 'a=y'], undefined, 'MODEL expected distinct names, got a twice'],
  [[''], undefined, 'MODEL expected a string, got an empty one'],
  [['a=x', 'b=y'], 'a=90', 'got none of b'],
  [['a=x', 'b=y'], 'a=90,b=5,b=5', 'got two of b'],
  [['a=x', 'b=y'], 'a=90,c=10', 'got one of c, which is no model'],
  [['a=x', 'b=y'], 'a=90,b=-1', 'got "b=-1"'],
  [['a=x', 'b=y'], 'a=0,b=0', 'got 0 for all'],
  [['a=x', 'b=y'], '', 'such as a=50,b=50, got ""'],
])('refuses %j with the split %j', (models, split, message) => {
  expect(() => modelSources(models, '/data', split)).toThrow(UsageError);
  expect(() => modelSources(models, '/data', split)).toThrow(message);
});
