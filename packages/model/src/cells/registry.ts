import type { Cell } from './cell.ts';
import { gruResetAfter, gruResetBefore, lstm, rnn } from './recurrent.ts';

export const gruVariants = {
  'reset-before': gruResetBefore as Cell,
  'reset-after': gruResetAfter as Cell,
};

/** Where the reset gate of a GRU is applied: to the state before its product with the recurrent weights, or to the product. */
export type GruVariant = keyof typeof gruVariants;

export const cells = {
  gru: gruResetBefore as Cell,
  lstm: lstm as Cell,
  rnn: rnn as Cell,
};

export type CellName = keyof typeof cells;

export function cellOf({ cell, gru }: { readonly cell: CellName; readonly gru: GruVariant }): Cell {
  return cell === 'gru' ? gruVariants[gru] : cells[cell];
}
