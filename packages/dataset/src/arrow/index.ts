export { ArrowError, type ArrowFile, openArrow, readArrowBatches } from './read-arrow.ts';
