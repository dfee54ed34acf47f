import type { Cell } from './cell.ts';
import { gruResetAfter, gruResetBefore, lstm, rnn } from './recurrent.ts';

/** The variants of the cell `gru` by their name in configurations. */
export const gruVariants = {
  'reset-before': gruResetBefore as Cell,
  'reset-after': gruResetAfter as Cell,
};

/** Where the reset gate of a GRU is applied: to the state before its product with the recurrent weights, or to the product. */
export type GruVariant = keyof typeof gruVariants;

/** The recurrent cells by their name in configurations. */
export const cells = {
  gru: gruResetBefore as Cell,
  lstm: lstm as Cell,
  rnn: rnn as Cell,
};

/** Name of a recurrent cell in configurations. */
export type CellName = keyof typeof cells;

/** The cell of a configuration. */
export function cellOf({ cell, gru }: { readonly cell: CellName; readonly gru: GruVariant }): Cell {
  return cell === 'gru' ? gruVariants[gru] : cells[cell];
}
