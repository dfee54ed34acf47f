import { ModelError } from './storage/manifest.ts';
import { readWebItemInfo, readWebModel, withFetchedFiles } from './storage/web-model.ts';
import type * as node from './storage.node.ts';

const refuse = (file: string): never => {
  throw new ModelError(file, 'cannot be read or written: a browser has no folders');
};

export const readModel: typeof node.readModel = (folder, options = {}) =>
  withFetchedFiles(folder, options, readWebModel);
export const readModelItemInfo: typeof node.readModelItemInfo = (folder, options = {}) =>
  withFetchedFiles(folder, options, readWebItemInfo);
export const saveModel: typeof node.saveModel = async (_model, directory) => refuse(directory);
export const readSnapshot: typeof node.readSnapshot = async (directory) => refuse(directory);
export const readSnapshotHistory: typeof node.readSnapshotHistory = async (directory) => refuse(directory);
export const saveSnapshot: typeof node.saveSnapshot = async (_snapshot, directory) => refuse(directory);
