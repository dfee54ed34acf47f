import * as model from '@gru4rec/model';
import * as recommender from '@gru4rec/recommender';
import * as sessions from '@gru4rec/sessions';
import { reading } from '../terminal/unexpected-error.ts';

// The readers of the packages. Unexpected errors name the folder.

/** Like that of `@gru4rec/recommender`. */
export const loadRecommender: typeof recommender.loadRecommender = (directory, options) =>
  reading(String(directory), () => recommender.loadRecommender(directory, options));

/** Like that of `@gru4rec/model`. */
export const readModel: typeof model.readModel = (directory) =>
  reading(String(directory), () => model.readModel(directory));

/** Like that of `@gru4rec/model`. */
export const readSnapshot: typeof model.readSnapshot = (directory) =>
  reading(directory, () => model.readSnapshot(directory));

/** Like that of `@gru4rec/sessions`. */
export const readDataset: typeof sessions.readDataset = (directory) =>
  reading(directory, () => sessions.readDataset(directory));

/** Like that of `@gru4rec/sessions`. */
export const openDataset: typeof sessions.openDataset = (directory) =>
  reading(directory, () => sessions.openDataset(directory));

/** Like that of `@gru4rec/sessions`. */
export const readManifest: typeof sessions.readManifest = (directory) =>
  reading(directory, () => sessions.readManifest(directory));
