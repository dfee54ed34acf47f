import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { checkGradient, engineConformance, float32Tolerance } from '@gru4rec/test-support';

// Every engine: one call in a test file registers the whole suite.
engineConformance({
  name: 'reference',
  createEngine: () => createReferenceEngine(),
  tolerance: float32Tolerance,
});

// Every loss and cell: gradients against finite differences in float64.
checkGradient((b, x) => b.sum(b.sum(b.tanh(x), 1), 0), [{ rows: 2, cols: 3 }]);
