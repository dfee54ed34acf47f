import { limits } from './limits.ts';

// JSON schemas of requests and answers; /openapi.json shows them.

const id = { type: 'string', minLength: 1, maxLength: limits.id } as const;
const ids = { type: 'array', items: id, maxItems: limits.items } as const;
const boost = { type: 'number', minimum: -limits.boost, maximum: limits.boost } as const;
const boosts = { type: 'object', additionalProperties: boost, maxProperties: limits.items } as const;

const n = {
  type: 'integer',
  minimum: 0,
  maximum: limits.n,
  default: 20,
  description: 'Number of items',
} as const;

const excludeSeen = {
  type: 'boolean',
  default: false,
  description: 'Exclude the items of the session',
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
  excludeSeen,
  maxPerGroup,
  groups: {
    type: 'object',
    additionalProperties: id,
    maxProperties: limits.items,
    description: 'Group per item, in the place of the column group of the items file',
  },
  boost: {
    type: 'object',
    additionalProperties: false,
    properties: { items: boosts, groups: boosts },
    description: 'Numbers that are added to the scores of items and of groups',
  },
  fields,
} as const;

const pinned = {
  type: 'array',
  maxItems: 100,
  items: {
    type: 'object',
    additionalProperties: false,
    required: ['position', 'item'],
    properties: { position: { type: 'integer', minimum: 1, maximum: limits.n }, item: id },
  },
  description: 'Items at fixed positions, from 1, if the other rules allow them',
} as const;

/** Paths with a session. */
export const sessionParams: object = {
  type: 'object',
  properties: { sessionId: { ...id, description: 'Any id of the caller’s' } },
} as const;

export const modelParams: object = { type: 'object', properties: { name: id } } as const;

export const eventBody: object = {
  type: 'object',
  additionalProperties: false,
  required: ['item'],
  properties: {
    item: { ...id, description: 'The clicked item' },
    time: {
      type: 'integer',
      minimum: 0,
      maximum: limits.timeMs,
      description: 'Milliseconds since 1970; now, if not given',
    },
    eventId: {
      ...id,
      description: 'A click whose id is among the session’s kept ones is answered and not counted',
    },
    recommendationId: { ...id, description: 'The answer in which the item was clicked' },
    store: { type: 'boolean', default: true, description: 'false answers without remembering the click' },
    n,
    ...rules,
    pinned,
  },
} as const;

export const recommendBody: object = {
  type: 'object',
  additionalProperties: false,
  required: ['items'],
  properties: {
    items: { ...ids, maxItems: limits.clicks, description: 'The session’s items in order' },
    n,
    ...rules,
    pinned,
  },
} as const;

export const rankBody: object = {
  type: 'object',
  additionalProperties: false,
  required: ['items', 'candidates'],
  properties: {
    items: { ...ids, maxItems: limits.clicks, description: 'The session’s items in order' },
    candidates: { ...ids, description: 'The items to order' },
    ...rules,
  },
} as const;

export const recommendationsQuery: object = {
  type: 'object',
  additionalProperties: false,
  properties: { n, excludeSeen, maxPerGroup, allow: rules.allow, deny: rules.deny, fields },
} as const;

const problem = {
  description: 'An error (RFC 9457)',
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        required: ['type', 'title', 'status', 'detail'],
        properties: {
          type: { type: 'string' },
          title: { type: 'string' },
          status: { type: 'integer' },
          detail: { type: 'string' },
        },
      },
    },
  },
} as const;

const answer = {
  type: 'object',
  required: ['recommendationId', 'model', 'modelVersion', 'items', 'unknown', 'fallback'],
  properties: {
    recommendationId: { type: 'string' },
    model: { type: 'string', description: 'Name of the model' },
    modelVersion: { type: 'string', description: 'Checksum of the model' },
    items: {
      type: 'array',
      items: {
        type: 'object',
        required: ['id', 'score'],
        properties: {
          id: { type: 'string' },
          score: {
            type: 'number',
            nullable: true,
            description: 'Comparable within an answer; null for a pinned item that the model does not know',
          },
        },
        additionalProperties: true,
      },
    },
    unknown: {
      type: 'array',
      items: { type: 'string' },
      description: 'Given items that the model does not know',
    },
    fallback: { type: 'boolean', description: 'Whether these are the most popular items' },
  },
} as const;

const interval = { type: 'array', items: { type: 'number' }, nullable: true } as const;

const onlineFigures = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      k: { type: 'integer' },
      sessions: { type: 'integer' },
      predictions: { type: 'integer', description: 'Clicks that followed a list of k items or more' },
      recall: { type: 'number' },
      recallInterval: { ...interval, description: '95 %; null with fewer than 30 sessions' },
      mrr: { type: 'number' },
      mrrInterval: interval,
    },
  },
} as const;

const modelStatus = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    status: { type: 'string', enum: ['loading', 'ready', 'failed'] },
    version: { type: 'string', nullable: true },
    lineage: {
      ...{ type: 'string', nullable: true },
      description:
        'Checksum of the model; of one that learns, of the model that it began with, which figures are about',
    },
    items: { type: 'integer', nullable: true },
    loadedAt: { type: 'string', nullable: true },
    error: { type: 'string', nullable: true },
    online: {
      type: 'object',
      description: 'How sessions went on after the answers of this version, over the latest 10,000 sessions',
      properties: { recommendations: onlineFigures, fallback: onlineFigures },
    },
  },
} as const;

const serverStatus = {
  type: 'object',
  properties: {
    status: { type: 'string' },
    sessions: {
      type: 'string',
      enum: ['available', 'unavailable', 'recovering'],
      description: 'Whether the store of the sessions works, if it can fail',
    },
  },
} as const;

/** Schemas of answers by status. */
export const responses: Readonly<Record<'answer' | 'deleted' | 'models' | 'model' | 'status', object>> = {
  answer: { 200: answer, default: problem },
  deleted: { 204: { type: 'null', description: 'The session is forgotten' }, default: problem },
  models: {
    200: { type: 'object', properties: { models: { type: 'array', items: modelStatus } } },
    default: problem,
  },
  model: { 200: modelStatus, default: problem },
  status: { 200: serverStatus, default: problem },
} as const;
