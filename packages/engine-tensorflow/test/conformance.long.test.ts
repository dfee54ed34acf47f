import { engineConformance, float32Tolerance, tensorFlowForTests } from '@gru4rec/test-support';
import { it } from 'vitest';
import { createTensorFlowEngine } from '../src/index.ts';

const { loaded, missing } = tensorFlowForTests(process.env);

if (loaded) {
  const { tensorflow } = loaded;
  engineConformance({
    name: 'tensorflow',
    createEngine: () => createTensorFlowEngine({ tensorflow }),
    tolerance: float32Tolerance,
  });
} else it('passes what every engine passes', (ctx) => ctx.skip(missing));
