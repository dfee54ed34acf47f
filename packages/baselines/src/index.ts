export { itemKnn } from './item-knn.ts';
export type { ItemKnnOptions } from './neighbours.ts';
export { pop } from './pop.ts';
export { sessionPop } from './session-pop.ts';
export type { TrainingData } from './training-data.ts';
