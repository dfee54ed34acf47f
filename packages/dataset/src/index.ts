export type { Compression } from './arrow/index.ts';
export { type ContextColumn, MOST_CONTEXT_VALUES, OTHER_VALUES } from './context-columns.ts';
export { DataError, type DataErrorPlace } from './data-error.ts';
export { type Extension, extendDatasetFiles, type SessionFilter, sessionEnds } from './extend-dataset.ts';
export { type EncodedItems, itemFeaturesOf, type ReadItemFeatures, readItemInfo } from './item-info-file.ts';
export type { DatasetManifest, FileRecord, SplitName } from './manifest.ts';
export { type OpenedDataset, openDataset, readBlocks, type StreamedSplit } from './open-dataset.ts';
export {
  lastSessionStart,
  readDataset,
  readItemChunks,
  readManifest,
  readSessionChunks,
} from './read-dataset.ts';
export type { ItemChunk, SessionChunk, SessionDataset, SessionTable, SourceChunk } from './table.ts';
export {
  type DatasetSource,
  replaceDataset,
  type SessionSource,
  type WriteDatasetOptions,
  withMoreItems,
  writeDataset,
  writeDatasetFiles,
} from './write-dataset.ts';
