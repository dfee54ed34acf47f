import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readItemRows } from '@gru4rec/dataset/items';
import { parseConfig } from '@gru4rec/model';
import { spaceJsonSchema } from '@gru4rec/tuning';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { configJsonSchema, configValueSchemas, type JsonSchema } from '../../model/scripts/json-schema.ts';
import { readConfig } from '../src/arguments/read-inputs.ts';
import { projectSchema } from '../src/project/project.ts';
import { ownKeys, readSpace } from '../src/tuning/read-space.ts';
import { makeFolder } from './run-trainer.ts';

// The published schemas are files of packages/gru4rec. After a change to the keys: vitest run --update=all packages/cli/test/json-schemas.test.ts.
const schemas = fileURLToPath(new URL('../../gru4rec/schemas/', import.meta.url));
const configs = fileURLToPath(new URL('../configs/', import.meta.url));
const filesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => join(folder, name));

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const validator = (schema: JsonSchema) =>
  new Ajv2020({ allowUnionTypes: true, strictRequired: false }).compile(schema);
const isConfiguration = validator(configJsonSchema());
const keys: readonly string[] = ownKeys;
const spaceSchema = spaceJsonSchema(
  Object.fromEntries(Object.entries(configValueSchemas()).filter(([key]) => !keys.includes(key))),
);
const isSpace = validator(spaceSchema);
const isItem = validator(read(join(schemas, 'item.json')));

const folder = makeFolder(afterAll);

function written(name: string, value: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(value));
  return path;
}

/** Whether a reader takes what it is given. */
async function takes(read: () => unknown): Promise<boolean> {
  try {
    await read();
    return true;
  } catch {
    return false;
  }
}

describe('configuration.json', () => {
  it('is the schema of the hyper-parameters', async () => {
    const text = `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(schemas, 'configuration.json'));
  });

  it.each(filesIn(configs))('accepts %s, which names it', (file) => {
    const config = read(file);
    expect([isConfiguration(config), isConfiguration.errors]).toEqual([true, null]);
    expect(config.$schema).toBe('../../gru4rec/schemas/configuration.json');
  });

  it.each([
    { $schema: 'a', layers: [10] },
    { finalAct: 'elu-0.5', hiddenAct: 'selu-1.05-1.67', loss: 'bpr-max' },
    { nSample: 'all', constrainedEmbedding: false, embedding: 'layersize' },
    { layer: [10] },
    { layers: [] },
    { nEpochs: 0 },
    { learningRate: '0.1' },
    { finalAct: 'elu' },
    { dropoutPEmbed: 1 },
    { $schema: 1 },
    [],
  ])('agrees with parseConfig on %j', async (config) => {
    expect(isConfiguration(config)).toBe(await takes(() => parseConfig(config)));
  });

  it('may be named in a file, and does not become part of the configuration', async () => {
    const config = await readConfig(written('config.json', { $schema: 'x.json', nEpochs: 3 }), {});
    expect(config).toEqual(parseConfig({ nEpochs: 3 }));
  });
});

describe('space.json', () => {
  it('is the schema of the spaces of hyper-parameters', async () => {
    const text = `${JSON.stringify(spaceSchema, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(schemas, 'space.json'));
  });

  it.each(filesIn(join(configs, 'spaces')))('accepts %s, which names it', (file) => {
    const space = read(file);
    expect([isSpace(space), isSpace.errors]).toEqual([true, null]);
    expect(space.$schema).toBe('../../../gru4rec/schemas/space.json');
  });

  it.each([
    { layers: { type: 'choice', options: [[10], [20, 10]] } },
    { nSample: { type: 'integer', low: 16, high: 64, step: 16 }, embedding: 0 },
    { learningRate: { type: 'log-uniform', low: 0.1, high: 1 }, momentum: { type: 'constant', value: 0 } },
    { learningRate: { type: 'log-uniform', low: 0, high: 1 } },
    { layers: { type: 'uniform', low: 1, high: 2 } },
    { loss: { type: 'choice', options: ['bpr', 'hinge'] } },
    { momentum: { type: 'uniform', low: 0 } },
    { seed: 1 },
  ])('agrees with readSpace on %j', async (space) => {
    const file = written('space.json', { $schema: 'a', ...space });
    expect(isSpace(space)).toBe(
      await takes(async () => expect(await readSpace(file)).not.toHaveProperty('$schema')),
    );
  });
});

describe('project.json', () => {
  const schema = z.toJSONSchema(projectSchema, { io: 'input' });

  it('is the schema of project files', async () => {
    const text = `${JSON.stringify(schema, null, 2)}\n`;
    await expect(text).toMatchFileSnapshot(join(schemas, 'project.json'));
  });

  it.each([
    { $schema: './node_modules/gru4rec/schemas/project.json', log: 'clicks.csv', prepare: { test: '1d' } },
    { log: ['a', 'b'], columns: { user: 'visitor', context: ['device'] }, train: { set: ['layers=8'] } },
    { columns: { sku: 'item' } },
    { items: 'products.csv', itemColumns: { id: 'product_no', available: 'in_stock' } },
    { itemColumns: { titel: 'name' } },
    { log: [] },
    { trains: {} },
  ])('agrees with projectSchema on %j', (project) => {
    expect(validator(schema as JsonSchema)(project)).toBe(projectSchema.safeParse(project).success);
  });
});

describe('item.json', () => {
  it.each([
    { id: 'a' },
    { item: -7, title: 'Boots', group: 'Shoes', available: 'no', price: 49 },
    { id: 7, title: 7, available: 12.5 },
    { id: 'a', available: '12' },
    { id: 'a', available: 'out of stock' },
    { id: 'a', title: null, group: null, available: null },
    { id: 'a', available: [] },
    { id: 'a', available: 'perhaps' },
    { id: 'a', group: 7 },
    { id: 'a', group: [7] },
    { id: 7.5 },
    { id: 2 ** 53 },
    { id: '' },
    { title: 'a' },
  ])('agrees with the reader of items files on %j', async (row) => {
    const rows = readItemRows(written('items.jsonl', row));
    expect(isItem(row)).toBe(await takes(() => rows.next()));
  });
});
