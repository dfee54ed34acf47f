export { philox4x32, philoxFill } from './philox.ts';
export { RandomStream, type Seed, seedWords, shuffleInPlace, streamWords } from './streams.ts';
