import * as model from '@gru4rec/model';
import * as sessions from '@gru4rec/sessions';
import { reading } from '../terminal/unexpected-error.ts';

// The readers of the packages, each of which names its folder in errors that it did not foresee.

/** As the model package's. */
export const loadModel: typeof model.loadModel = (directory, options) =>
  reading(directory, () => model.loadModel(directory, options));

/** As the model package's. */
export const readModel: typeof model.readModel = (directory) =>
  reading(directory, () => model.readModel(directory));

/** As the model package's. */
export const readSnapshot: typeof model.readSnapshot = (directory) =>
  reading(directory, () => model.readSnapshot(directory));

/** As the sessions package's. */
export const readDataset: typeof sessions.readDataset = (directory) =>
  reading(directory, () => sessions.readDataset(directory));

/** As the sessions package's. */
export const openDataset: typeof sessions.openDataset = (directory) =>
  reading(directory, () => sessions.openDataset(directory));

/** As the sessions package's. */
export const readManifest: typeof sessions.readManifest = (directory) =>
  reading(directory, () => sessions.readManifest(directory));
