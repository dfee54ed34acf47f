import { createReferenceEngine } from '@gru4rec/engine-reference';
import { engineConformance } from '@gru4rec/test-support';

// The suite itself: the reference agrees with itself to the last bit.
engineConformance({
  name: 'reference',
  createEngine: createReferenceEngine,
  tolerance: { absolute: 0, relative: 0 },
});
