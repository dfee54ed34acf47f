import { clickContext, clickedItems, clickRules, id, itemId, unknownContext } from './click-schemas.ts';
import { limits } from './limits.ts';
import { closed, list, object, type Schema, text } from './schema-parts.ts';

// JSON schemas of requests and answers; /openapi.json shows them.

const ids = { type: 'array', items: itemId, maxItems: limits.items } as const;
const boost = { type: 'number', minimum: -limits.boost, maximum: limits.boost } as const;
const boosts = { type: 'object', additionalProperties: boost, maxProperties: limits.items } as const;

const n = {
  type: 'integer',
  minimum: 0,
  maximum: limits.n,
  default: 20,
  description: 'Number of items',
} as const;

const maxPerGroup = {
  type: 'integer',
  minimum: 1,
  maximum: limits.n,
  description: 'The most items per group',
} as const;
const fields = {
  type: 'array',
  items: id,
  maxItems: 100,
  description: 'Columns of the items file that the answer repeats per item',
} as const;

const rules = {
  allow: { ...ids, description: 'Only these items' },
  deny: { ...ids, description: 'None of these items' },
  ...clickRules,
  maxPerGroup,
  groups: {
    type: 'object',
    additionalProperties: id,
    maxProperties: limits.items,
    description: 'Group per item, in the place of the column group of the items file',
  },
  boost: {
    ...closed({ items: boosts, groups: boosts }),
    description: 'Numbers that are added to the scores of items and of groups',
  },
  fields,
} as const;

const pinned = {
  type: 'array',
  maxItems: 100,
  items: closed(
    { position: { type: 'integer', minimum: 1, maximum: limits.n }, item: itemId },
    'position',
    'item',
  ),
  description: 'Items at fixed positions, from 1, if the other rules allow them',
} as const;

/** Paths with a session. */
export const sessionParams: Schema = object({ sessionId: { ...id, description: 'Any id of the caller’s' } });

export const modelParams: Schema = object({ name: id });

export const eventBody: Schema = closed(
  {
    item: { ...itemId, description: 'The clicked item' },
    time: {
      type: 'integer',
      minimum: 0,
      maximum: limits.timeMs,
      description: 'Milliseconds since 1970; now, if not given',
    },
    eventId: {
      ...id,
      description: 'A click whose id and item the session has already is answered and not counted',
    },
    recommendationId: { ...id, description: 'The answer in which the item was clicked' },
    ...clickContext,
    store: { type: 'boolean', default: true, description: 'false answers without remembering the click' },
    n,
    ...rules,
    pinned,
  },
  'item',
);

export const recommendBody: Schema = closed({ items: clickedItems, n, ...rules, pinned }, 'items');

export const rankBody: Schema = closed(
  {
    items: clickedItems,
    candidates: { ...ids, description: 'The items to order' },
    ...rules,
  },
  'items',
  'candidates',
);

export const recommendationsQuery: Schema = closed({
  ...{ n, ...clickRules, maxPerGroup, allow: rules.allow, deny: rules.deny, fields },
});

/** The schema of an error. */
export const problem: Schema = {
  description: 'An error (RFC 9457)',
  content: {
    'application/problem+json': {
      schema: {
        required: ['type', 'title', 'status', 'detail'],
        ...object({ type: text, title: text, status: { type: 'integer' }, detail: text }),
      },
    },
  },
};

const answer = {
  required: ['recommendationId', 'model', 'modelVersion', 'items', 'unknown', 'fallback'],
  ...object({
    recommendationId: text,
    model: { ...text, description: 'Name of the model' },
    modelVersion: { ...text, description: 'Checksum of the model' },
    items: list({
      required: ['id', 'score'],
      ...object({
        id: text,
        score: {
          type: 'number',
          nullable: true,
          description: 'Comparable within an answer; null for a pinned item that the model does not know',
        },
      }),
      additionalProperties: true,
    }),
    unknown: list(text, 'Given items that the model does not know'),
    unknownContext,
    fallback: { type: 'boolean', description: 'Whether these are the most popular items' },
  }),
} as const;

const interval = { type: 'array', items: { type: 'number' }, nullable: true } as const;

const onlineFigures = list(
  object({
    k: { type: 'integer' },
    sessions: { type: 'integer' },
    predictions: { type: 'integer', description: 'Clicks that followed a list of k items or more' },
    recall: { type: 'number' },
    recallInterval: { ...interval, description: '95 %; null with fewer than 30 sessions' },
    mrr: { type: 'number' },
    mrrInterval: interval,
  }),
);

const nullableText = { type: 'string', nullable: true } as const;

const modelStatus = object({
  name: text,
  status: { type: 'string', enum: ['loading', 'ready', 'failed'] },
  version: nullableText,
  lineage: {
    ...nullableText,
    description:
      'Checksum of the model; of one that learns, of the model that it began with, which figures are about',
  },
  items: { type: 'integer', nullable: true },
  loadedAt: nullableText,
  place: { ...nullableText, description: 'Where it computes: thread or event loop' },
  probing: {
    ...object({
      share: { type: 'number', description: 'About the part of the items that a list reads' },
      recall: {
        ...{ type: 'number' },
        description:
          'Part of the items of exact lists of 20 that lists have, on average, in made-up sessions: of those that begin with popular items and those that begin with any, the lesser',
      },
      recallP5: { type: 'number', description: '5th percentile of that part over the lists, likewise' },
    }),
    nullable: true,
    description:
      'How lists are found among many items, measured when the model was loaded; null: they are exact',
  },
  error: nullableText,
  learning: {
    ...object({
      state: { type: 'string', enum: ['learning', 'failing', 'paused', 'stopped'] },
      reason: { ...nullableText, description: 'Why it fails or has stopped, and until when' },
    }),
    nullable: true,
    description: 'Whether it learns from clicks; null if it never does',
  },
  online: {
    ...object({ recommendations: onlineFigures, fallback: onlineFigures }),
    description: 'How sessions went on after the answers of this version, over the latest 10,000 sessions',
  },
});

const newItems = list(
  object({
    ...{ id: text, title: text, clicked: { type: 'integer' }, listed: { type: 'integer' } },
    firstClickMs: { type: 'integer', description: 'Milliseconds since 1970' },
    known: { type: 'boolean' },
  }),
  'Items that no model knew at their first click, newest first',
);

const health = object({
  status: text,
  sessions: {
    type: 'string',
    enum: ['available', 'unavailable'],
    description: 'Whether the store of the sessions works, if it can fail',
  },
});

/** Schemas of answers by status. */
export const responses: Readonly<
  Record<'answer' | 'deleted' | 'models' | 'model' | 'health' | 'status', object>
> = {
  answer: { 200: answer, default: problem },
  deleted: { 204: { type: 'null', description: 'The session is forgotten' }, default: problem },
  models: { 200: object({ models: list(modelStatus) }), default: problem },
  model: { 200: modelStatus, default: problem },
  health: { 200: health, default: problem },
  status: { 200: object({ models: list(modelStatus), newItems }), default: problem },
} as const;
