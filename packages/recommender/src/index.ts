export { type CodedColumn, ItemCatalogue } from './item-catalogue.ts';
export { MOST_CLICKS, ScorerPrograms } from './live-programs.ts';
export {
  BaselineRecommender,
  type Recommender,
  type RecommenderContent,
} from './recommender.ts';
export { loadRecommender, readRecommenderItemInfo, saveRecommender } from './recommender-folder.ts';
