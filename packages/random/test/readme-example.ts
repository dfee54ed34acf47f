import assert from 'node:assert/strict';
import { RandomStream, shuffleInPlace } from '@gru4rec/random';

const stream = new RandomStream(42, 'example.order');
const order = Int32Array.of(0, 1, 2, 3, 4);
shuffleInPlace(order, stream);

const { position } = stream; // keep it in a checkpoint
const next = stream.nextFloat();

const resumed = new RandomStream(42, 'example.order');
resumed.position = position;
assert.equal(resumed.nextFloat(), next);
