export { philox4x32, philoxFill } from './philox.ts';
export { type Seed, seedWords } from './seed.ts';
export { shuffleInPlace } from './shuffle.ts';
export { RandomStream, streamWords } from './streams.ts';
