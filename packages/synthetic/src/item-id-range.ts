/** Item ids are in [`FIRST_ITEM_ID`, `FIRST_ITEM_ID` + `ITEM_PRIME`); the prime exceeds the largest number of items. */
export const FIRST_ITEM_ID = 100_000_000;
export const ITEM_PRIME = 536_870_909;
