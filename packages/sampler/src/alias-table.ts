/**
 * A discrete distribution over I items, stored as I equally likely cells, each shared by two items.
 *
 * Cell c gives item c if a uniform 32-bit word is below `threshold[c]`, otherwise item `alias[c]`.
 */
export interface AliasTable {
  /** [I] the share of item c in cell c, in units of 2⁻³². If item c owns the whole cell, `alias[c]` is c. */
  readonly threshold: Uint32Array;
  /** [I] the item that owns the rest of the cell. */
  readonly alias: Int32Array;
}

/**
 * Builds the alias table of P(i) = weights[i] / Σ weights, in O(I).
 *
 * Walker 1977, "An Efficient Method for Generating Discrete Random Variables with General Distributions", in the
 * numerically stable form of Vose 1991. Shares are rounded to multiples of 2⁻³² of a cell. An item of weight 0 has no
 * share.
 * @param weights - [I], ≥ 0, with a finite sum > 0. Not changed.
 */
export function buildAliasTable(weights: Float64Array): AliasTable {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const items = weights.length;
  const threshold = new Uint32Array(items);
  const alias = new Int32Array(items);
  const share = new Float64Array(items);
  // Both work lists are in one array: cells with a share below 1 grow from the front, the others from the back.
  const cells = new Int32Array(items);
  let small = 0;
  let large = items;
  for (let item = 0; item < items; item++) {
    share[item] = (weights[item] / total) * items;
    if (share[item] < 1) cells[small++] = item;
    else cells[--large] = item;
  }
  while (small > 0 && large < items) {
    const cell = cells[--small];
    const donor = cells[large];
    threshold[cell] = Math.min(Math.round(share[cell] * 2 ** 32), 2 ** 32 - 1);
    alias[cell] = donor;
    share[donor] = share[donor] + share[cell] - 1;
    if (share[donor] >= 1) continue;
    large++;
    cells[small++] = donor;
  }
  // The remaining shares are 1 except for rounding, in both lists.
  for (let index = 0; index < small; index++) ownWholeCell(cells[index]);
  for (let index = large; index < items; index++) ownWholeCell(cells[index]);
  return { threshold, alias };

  function ownWholeCell(cell: number): void {
    threshold[cell] = 2 ** 32 - 1;
    alias[cell] = cell;
  }
}
