export { ITEMS, itemChunks, readSealedItems } from './storage/arrow-files.ts';
export { type ManifestKind, manifestChecksum, parseManifest, sealManifest } from './storage/manifest.ts';
export {
  type ArrayType,
  arrayTypeNames,
  headerOf,
  readArrays,
  readBytes,
  readModelFile,
  readSealedFile,
  readTensors,
  type TensorEntry,
  tensorChunks,
  typeOfArray,
} from './storage/model-file.ts';
export { MAX_ITEM_INFO_BYTES } from './storage/model-folder.ts';
export { MAX_MANIFEST_BYTES, mostBytesOfItems } from './storage/model-limits.ts';
