export { ArrowError } from './arrow-error.ts';
export { checkArrowBounds } from './check-bounds.ts';
export { type Codec, type Compression, loadCodec, maxRatio } from './codecs.ts';
export { arrowFileWriter } from './file-writer.ts';
export { type ArrowFile, openArrow } from './open-arrow.ts';
export type { ReadArrowOptions } from './plain-message.ts';
export { readArrowBatches } from './read-batches.ts';
