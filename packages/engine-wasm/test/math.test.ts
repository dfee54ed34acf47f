import { testMath } from './math-tests.ts';

// About 262,000 numbers; math.slow.test.ts has 2 million.
testMath(16_411);
