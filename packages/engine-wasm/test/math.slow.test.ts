import { testMath } from './math-tests.ts';

testMath(2053);
