import { expectAgreement, randomProgram, tensorFlowForTests } from '@gru4rec/test-support';
import { describe, it } from 'vitest';
import { createTensorFlowEngine } from '../src/index.ts';

const { loaded, missing } = tensorFlowForTests(process.env);

const below = (count: number): number[] => Array.from({ length: count }, (_, seed) => seed);
/** 38 and those from 116 on: TensorFlow's remapper fused a `MatMul` of a transposed matrix and a row, then refused it. */
const oneStep = [...below(100), 116, 163, 240, 241, 372, 381];
/** 11, 17, 37, 42, 52, 79 and 93: on some runs, a step assigned a state after the next step had. */
const threeSteps = [...below(58), 79, 93];

function agrees(seed: number, stepsPerCall: number): void {
  const { tensorflow } = loaded as NonNullable<typeof loaded>;
  const made = randomProgram(seed);
  const runtime = createTensorFlowEngine({ tensorflow, stepsPerCall }).load([made.program]);
  const runSteps = runtime.runSteps.bind(runtime);
  try {
    expectAgreement(runtime, made, stepsPerCall === 1 ? undefined : { stepsPerCall, runSteps });
  } finally {
    runtime.dispose();
  }
}

describe('createTensorFlowEngine', () => {
  if (!loaded) {
    it('agrees with the reference engine on random programs', (ctx) => ctx.skip(missing));
    return;
  }
  it.each(oneStep)('agrees with the reference engine on random program %i', (seed) => agrees(seed, 1));
  it.each(threeSteps)('agrees with it on random program %i, three steps per call', (seed) => agrees(seed, 3));
});
