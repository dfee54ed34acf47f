export { DataError, type DataErrorPlace } from './data-error.ts';
export type { DatasetManifest, FileRecord, SplitName } from './manifest.ts';
export { readDataset, readManifest } from './read-dataset.ts';
export { checkReplaceable, replaceDataset } from './replace-dataset.ts';
export type { ItemChunk, SessionChunk, SessionDataset, SessionTable } from './table.ts';
export { type DatasetSource, type SessionSource, writeDataset, writeDatasetFiles } from './write-dataset.ts';
