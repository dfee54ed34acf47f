export { isMixed, loadRecommender, readRecommenderItemInfo } from './load-recommender.ts';
export {
  MixedRecommender,
  type Recommender,
  type RecommenderPart,
  type RecommenderParts,
} from './recommender.ts';
export { saveRecommender } from './save-recommender.ts';
export { ScorerPrograms } from './scorer-programs.ts';
export { MOST_CLICKS } from './session-clicks.ts';
