/**
 * Smaller numbers are seconds, others milliseconds. It is the year 5138 in seconds, and March 1973 in milliseconds.
 */
export const MS_FROM = 100_000_000_000;

/** The least valid timestamp in milliseconds, the year 1. */
export const MIN_STAMP = -62_135_596_800_000;
/** The greatest valid timestamp in milliseconds, of 14 digits. */
export const MAX_STAMP = 99_999_999_999_999;
