export {
  MixedRecommender,
  type Recommender,
  type RecommenderPart,
  type RecommenderParts,
} from './recommender.ts';
export { isMixed, loadRecommender, readRecommenderItemInfo, saveRecommender } from './recommender-folder.ts';
export { MOST_CLICKS, ScorerPrograms } from './scorer-programs.ts';
