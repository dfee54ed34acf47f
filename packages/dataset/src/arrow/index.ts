export type { Compression } from './codecs.ts';
export { arrowFileWriter } from './file-writer.ts';
export { ArrowError, type ArrowFile, openArrow, readArrowBatches } from './read-arrow.ts';
