export { type CodedColumn, ItemCatalogue } from './item-catalogue.ts';
export { MOST_CLICKS, ScorerPrograms } from './live-programs.ts';
export {
  MixedRecommender,
  type Recommender,
  type RecommenderPart,
  type RecommenderParts,
} from './recommender.ts';
export { isMixed, loadRecommender, readRecommenderItemInfo, saveRecommender } from './recommender-folder.ts';
