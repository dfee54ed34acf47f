import { describe, expect, it } from 'vitest';
import { type QuantizedTable, TableCopies } from '../src/quantized-table.ts';

const copy = { names: { table: 'item.weights', bias: 'item.bias' } } as QuantizedTable;
const used = new Set([copy]);
const none: ReadonlySet<string> = new Set();

describe('TableCopies', () => {
  const start = (screenAfter: number) => new TableCopies(new Map([['a', copy]]), screenAfter);

  it('fills a copy after as many answers without it', () => {
    const copies = start(2);
    expect(copies.areCurrent(used)).toBe(false);
    expect([copies.skip(used), copies.skip(used), copies.skip(used)]).toEqual([true, true, false]);
    copies.update(used, none);
    expect(copies.areCurrent(used)).toBe(true);
  });

  it.each(['item.weights', 'item.bias'])('starts again when %s changes', (changed) => {
    const copies = start(1);
    copies.skip(used);
    copies.update(used, new Set(['hidden']));
    expect(copies.areCurrent(used)).toBe(true);
    copies.update(used, new Set([changed]));
    expect(copies.areCurrent(used)).toBe(false);
    expect([copies.skip(used), copies.skip(used)]).toEqual([true, false]);
    copies.update(used, none);
    copies.expire((variable) => variable === changed);
    expect(copies.areCurrent(used)).toBe(false);
    expect(copies.skip(used)).toBe(true);
  });
});
