import { limits } from './limits.ts';
import { closed, ID, ITEM_ID, list, type Schema, text } from './schema-parts.ts';

// Parts of the JSON schemas of requests and answers that say what is known of clicks.

/** An id, or a value of a click. */
export const id: Schema = { type: 'string', minLength: 1, maxLength: limits.id, format: ID };

/** An id of an item. */
export const itemId: Schema = { ...id, format: ITEM_ID };

/** What a click has besides its item. */
export const clickContext: { readonly type: Schema; readonly context: Schema } = {
  type: { ...id, description: 'Type of the click, such as cart' },
  context: {
    type: 'object',
    propertyNames: id,
    additionalProperties: id,
    maxProperties: limits.context,
    description: 'Further values of the click by column, such as device',
  },
};

/** The clicks of a session that comes with a request: items, with what else is known of a click. */
export const clickedItems: Schema = {
  type: 'array',
  maxItems: limits.clicks,
  items: {
    anyOf: [itemId, closed({ item: itemId, ...clickContext }, 'item')],
  },
  description: 'The session’s items in order, or clicks with item, type and context',
};

/** Rules about the clicks of the session. */
export const clickRules: { readonly excludeSeen: Schema; readonly excludePurchased: Schema } = {
  excludeSeen: { type: 'boolean', default: false, description: 'Exclude the items of the session' },
  excludePurchased: {
    type: 'boolean',
    default: false,
    description:
      'Exclude the items that the session has clicked with the type purchase, or another that the server was started with',
  },
};

/** What an answer says of values that the model does not know. */
export const unknownContext: Schema = list(
  text,
  'Values of the click, such as type=rate, that the model does not know',
);
