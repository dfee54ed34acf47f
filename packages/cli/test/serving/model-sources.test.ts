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

it('gives models the shares that they name', () => {
  const sources = modelSources(['a:2.5=x', 'b:10=y'], '/data');
  expect(sources.map(({ name, weight }) => [name, weight])).toEqual([
    ['a', 2.5],
    ['b', 10],
  ]);
});

it.each([
  [['a=x', 'a=y'], 'MODEL expected distinct names, got a twice'],
  [[''], 'MODEL expected a string, got an empty one'],
  [['a:90=x', 'b=y'], 'a share of the sessions for each or for none, such as a:50=FOLDER b:50=FOLDER'],
  [['a:0=x', 'b:0=y'], 'got 0 for all'],
])('refuses %j', (models, message) => {
  expect(() => modelSources(models, '/data')).toThrow(UsageError);
  expect(() => modelSources(models, '/data')).toThrow(message);
});
