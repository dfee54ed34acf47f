export { arrowFileWriter, type Compression } from './codecs.ts';
export { ArrowError, type ArrowFile, openArrow, readArrowBatches } from './read-arrow.ts';
