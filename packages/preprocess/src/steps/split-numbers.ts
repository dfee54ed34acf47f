/** Numbers of the splits. Until the split by time, all but the events of `testInputs` are in `train`. */
export const splitNumbers = { train: 0, validation: 1, test: 2 } as const;
