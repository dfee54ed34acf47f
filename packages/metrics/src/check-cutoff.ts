/** @throws RangeError naming the caller, if the cutoff is not an integer ≥ 1. */
export function checkCutoff(caller: string, cutoff: number): void {
  if (Number.isInteger(cutoff) && cutoff >= 1) return;
  throw new RangeError(`${caller}: "cutoff" expected integer >= 1, got ${cutoff}.`);
}
