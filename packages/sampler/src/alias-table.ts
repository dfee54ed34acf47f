/**
 * A discrete distribution over I items as I equally likely cells, each shared by two items.
 *
 * Cell c gives item c when a uniform 32-bit word is below `threshold[c]`, else item `alias[c]`.
 */
export interface AliasTable {
  /** [I] share of the cell's own item, in units of 2⁻³². A cell owned whole has itself as alias. */
  readonly threshold: Uint32Array;
  /** [I] item that has the rest of the cell. */
  readonly alias: Int32Array;
}

/**
 * Builds the alias table of P(i) = weights[i] / Σ weights, in O(I).
 *
 * Walker 1977, "An Efficient Method for Generating Discrete Random Variables with General Distributions", in the
 * stable form of Vose 1991. A share is rounded to 2⁻³² of a cell; an item of weight 0 has no share at all.
 *
 * @param weights - [I], ≥ 0. Read only.
 * @returns the table (fresh).
 * @throws RangeError if there is no weight, one is negative or not finite, or their sum is 0 or not finite.
 */
export function buildAliasTable(weights: Float64Array): AliasTable {
  const total = checkedSum(weights);
  const items = weights.length;
  const threshold = new Uint32Array(items);
  const alias = new Int32Array(items);
  const share = new Float64Array(items);
  // One array holds both work lists: cells with room from the front, those with too much from the back.
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
  // What is left is 1 but for rounding, in whichever list.
  for (let index = 0; index < small; index++) ownWhole(cells[index]);
  for (let index = large; index < items; index++) ownWhole(cells[index]);
  return { threshold, alias };

  function ownWhole(cell: number): void {
    threshold[cell] = 2 ** 32 - 1;
    alias[cell] = cell;
  }
}

function checkedSum(weights: Float64Array): number {
  let total = 0;
  for (let item = 0; item < weights.length; item++) {
    const weight = weights[item];
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
      throw new RangeError(
        `buildAliasTable: "weights" expected finite number >= 0 at index ${item}, got ${weight}.`,
      );
    }
    total += weight;
  }
  if (!(total > 0 && total < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`buildAliasTable: "weights" expected a finite sum > 0, got ${total}.`);
  }
  return total;
}
