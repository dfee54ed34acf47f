export { type Extension, extendDatasetFiles, type SessionFilter, sessionEnds } from './extend-dataset.ts';
export { type EncodedItems, itemFeaturesOf, type ReadItemFeatures, readItemInfo } from './item-info-file.ts';
export {
  type ContextColumn,
  DataError,
  type DataErrorPlace,
  type DatasetManifest,
  type FileRecord,
  MOST_CONTEXT_VALUES,
  OTHER_VALUES,
  type SplitName,
} from './manifest.ts';
export { type OpenedDataset, openDataset, readBlocks, type StreamedSplit } from './open-dataset.ts';
export {
  readDataset,
  readItemChunks,
  readManifest,
  readSessionChunks,
  sessionStarts,
} from './read-dataset.ts';
export {
  type ItemChunk,
  keepSessions,
  type SessionChunk,
  type SessionDataset,
  type SessionTable,
  type SourceChunk,
} from './table.ts';
export {
  type DatasetSource,
  replaceDataset,
  type SessionSource,
  type WriteDatasetOptions,
  withMoreItems,
  writeDataset,
  writeDatasetFiles,
} from './write-dataset.ts';
