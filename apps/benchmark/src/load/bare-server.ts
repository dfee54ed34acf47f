import fastify from 'fastify';

/** Validates a click and serialises 20 items like `gru4rec serve`, without a model: the most that HTTP and JSON allow. */
const texts = (...names: string[]) => Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
const item = { type: 'object', properties: { ...texts('id'), score: { type: 'number' } } };
const unknown = { type: 'array', items: { type: 'string' } };
const lists = { items: { type: 'array', items: item }, unknown, fallback: { type: 'boolean' } };
const answer = {
  type: 'object',
  properties: { ...texts('recommendationId', 'model', 'modelVersion'), ...lists },
};
const body = { type: 'object', properties: { ...texts('item'), n: { type: 'integer' } }, required: ['item'] };

const app = fastify({ return503OnClosing: false });
app.post('/v1/sessions/:sessionId/events', { schema: { body, response: { 200: answer } } }, async () => ({
  ...{ recommendationId: '0'.repeat(36), model: 'model', modelVersion: '0'.repeat(64) },
  items: Array.from({ length: 20 }, (_, at) => ({ id: `${123_456_789 + at}`, score: 12.345678 - at / 7 })),
  ...{ unknown: [], fallback: false },
}));
process.stdout.write(`Serving at ${await app.listen({ host: '127.0.0.1', port: 0 })}\n`);
