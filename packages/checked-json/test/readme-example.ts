import assert from 'node:assert/strict';
import { checkJson } from '@gru4rec/checked-json';
import { z } from 'zod';

const schema = z.object({ history: z.array(z.object({ loss: z.number() })) });
const read = (value: unknown) =>
  checkJson(
    schema,
    value,
    ({ path, expected, got }) => new Error(`"${path}" expected ${expected}, got ${got}`),
  );

assert.deepEqual(read({ history: [{ loss: 6.5 }] }), { history: [{ loss: 6.5 }] });
assert.throws(() => read({ history: [{}] }), /^Error: "history.0.loss" expected a number, got nothing$/);
