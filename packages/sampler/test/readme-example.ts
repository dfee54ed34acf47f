import assert from 'node:assert/strict';
import { logSupport, PopularitySampler } from '@gru4rec/sampler';

const support = [100, 25, 4, 0]; // training events per item
const sampler = new PopularitySampler({ support, alpha: 0.5, seed: 42 });
assert.equal(sampler.probability(0), 10 / (10 + 5 + 2));
assert.equal(sampler.probability(3), 0);

const negatives = new Int32Array(2048);
sampler.sample(0, negatives); // step 0, again the same after a resume
assert.ok(negatives.every((itemIndex) => itemIndex < 3));

const logQ = logSupport(support); // of a target; 0.5 · that of a sample
assert.equal(logQ[0], Math.log(100));
