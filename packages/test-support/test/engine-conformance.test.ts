import { createReferenceEngine } from '@gru4rec/program/interpreter';
import { engineConformance } from '@gru4rec/test-support';

// Tests the suite itself: the reference engine must agree with itself exactly.
engineConformance({
  name: 'reference',
  createEngine: createReferenceEngine,
  tolerance: { absolute: 0, relative: 0 },
});
