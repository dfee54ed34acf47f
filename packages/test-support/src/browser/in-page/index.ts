export { float32Tolerance } from '../../closeness.ts';
export { engineConformance } from '../../conformance/engine-conformance.ts';
export { type Outcome, runSuite } from './run-suite.ts';
