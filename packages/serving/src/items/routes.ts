import { show, showNames } from '@gru4rec/checks';
import { type FeatureVocabulary, type ItemRow, itemRow, type UnknownValue } from '@gru4rec/dataset/items';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { Problem } from '../http/problem.ts';
import { answers, itemId, jsonSchema, limits } from '../http/schema.ts';
import type { ServedModel } from '../models/served-model.ts';
import { refuseReadOnly, type ServerContext } from '../server-context.ts';

/** Columns that say something to a server without being features. */
const KNOWN = ['title', 'group', 'available'];

const body = z.strictObject({
  items: z
    .array(z.looseObject({ id: itemId }))
    .max(limits.items)
    .describe('Ids with the columns of an items file; null for a feature without a value'),
});

const ids = z.array(z.string());
const itemChanges = z.object({
  models: z.array(
    z.object({
      model: z.string(),
      modelVersion: z.string(),
      new: ids.describe('Items that the model knows from now on'),
      changed: ids.describe('Items that have other rows from now on'),
      kept: ids.describe('Items that stay as they were'),
      unknown: z
        .array(z.object({ item: z.string(), column: z.string(), value: z.string() }))
        .describe('Values without a feature of their own'),
    }),
  ),
  unused: ids.describe('Columns that are no features'),
});

export function itemPlugin(app: FastifyInstance, context: ServerContext): void {
  app.post<{ Body: z.output<typeof body> }>(
    '/v1/items',
    {
      schema: {
        tags: ['items'],
        body: jsonSchema(body),
        response: answers(itemChanges),
        summary: 'Make items known to models with features, or change what is known of them',
      },
    },
    async ({ body }) => {
      refuseReadOnly(context, 'takes no items');
      const { items, models } = context;
      const taking = takingModels(models.all);
      if (!items?.takesItems) {
        throw new Problem(409, 'This server has no file for posted items; name one with --posted-items');
      }
      const rows = rowsOf(body.items);
      const columns = new Set(taking.flatMap((model) => columnsOf(model)));
      for (const row of rows) {
        expectColumns(row, [...columns]);
        for (const { additions } of taking) expectVector(row, additions?.vocabulary);
      }
      await items.post(rows);
      const named = new Set(body.items.flatMap((item) => Object.keys(item)));
      const unused = [...named].filter(
        (name) => name !== 'id' && !columns.has(name) && !KNOWN.includes(name),
      );
      const others = models.all.filter((model) => !taking.includes(model));
      await Promise.all(others.map((model) => model.useItems()));
      return { models: await Promise.all(taking.map((model) => addTo(model, rows))), unused };
    },
  );
}

function takingModels(models: readonly ServedModel[]): ServedModel[] {
  const taking = models.filter(({ isReady, additions }) => isReady && additions !== undefined);
  if (taking.some(({ refusesItems }) => refusesItems)) {
    throw new Problem(409, 'Learning has stopped, and with it adding items; restart the server');
  }
  if (taking.length > 0) return taking;
  throw new Problem(
    409,
    'No model that is served has features of items (itemFeatures), so new items need a training',
  );
}

function columnsOf({ additions }: ServedModel): string[] {
  return additions?.vocabulary.columnNames ?? [];
}

function rowsOf(items: z.output<typeof body>['items']): ItemRow[] {
  const ids = new Set<unknown>();
  return items.map((row, at) => {
    const place = `items[${at}]`;
    const { id } = row;
    if (ids.has(id)) throw new Problem(400, `${place}: the item ${show(id)} occurs twice`);
    ids.add(id);
    const wrong = Object.keys(row).find((name) => !isValue(row[name]));
    if (wrong !== undefined) {
      const expected = 'a text, a number, true, false, null or a list of these';
      throw new Problem(400, `${place}: ${show(wrong)} expected ${expected}, got ${show(row[wrong])}`);
    }
    try {
      return itemRow({ row, line: at });
    } catch (cause) {
      throw new Problem(400, `${place}: ${(cause as Error).message}`, { cause });
    }
  });
}

function isValue(value: unknown): boolean {
  return value === null || typeof value !== 'object' || (Array.isArray(value) && value.every(isText));
}

function isText(value: unknown): boolean {
  return value !== null && typeof value !== 'object';
}

/** A column that is forgotten or misspelt would silently take a feature from an item. */
function expectColumns({ info, line }: ItemRow, columns: readonly string[]): void {
  const missing = columns.find((name) => info.fields[name] === undefined);
  if (missing === undefined) return;
  const features = `the features of items are ${showNames(columns)}`;
  throw new Problem(
    400,
    `items[${line}]: ${show(missing)} expected a value, or null for none, got nothing; ${features}`,
  );
}

function expectVector({ id, info, line }: ItemRow, vocabulary: FeatureVocabulary | undefined): void {
  try {
    vocabulary?.vector(id, info);
  } catch (cause) {
    throw new Problem(400, `items[${line}]: ${(cause as Error).message}`, { cause });
  }
}

async function addTo(model: ServedModel, rows: readonly ItemRow[]) {
  const { additions } = model;
  const changes = await model.addItems(rows);
  const ids = (change: string) => rows.filter((_, at) => changes[at] === change).map(({ id }) => id);
  const unknown = rows.flatMap(({ id, info }) =>
    (additions?.vocabulary.unknown(info) ?? []).map((value: UnknownValue) => ({ item: id, ...value })),
  );
  const { version } = model.inference;
  const sorted = { new: ids('new'), changed: ids('changed'), kept: ids('kept'), unknown };
  return { model: model.name, modelVersion: version, ...sorted };
}
