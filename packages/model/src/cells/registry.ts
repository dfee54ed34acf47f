import type { Cell } from './cell.ts';
import { gruResetAfter, gruResetBefore } from './gru.ts';
import { lstm } from './lstm.ts';
import { rnn } from './rnn.ts';

/** The variants of the cell `gru` by their name in configurations. */
export const gruVariants = {
  'reset-before': gruResetBefore as Cell,
  'reset-after': gruResetAfter as Cell,
};

export type GruVariant = keyof typeof gruVariants;

/** The recurrent cells by their name in configurations. */
export const cells = {
  gru: gruResetBefore as Cell,
  lstm: lstm as Cell,
  rnn: rnn as Cell,
};

export type CellName = keyof typeof cells;

/** The cell of a configuration. */
export function cellOf({ cell, gru }: { readonly cell: CellName; readonly gru: GruVariant }): Cell {
  return cell === 'gru' ? gruVariants[gru] : cells[cell];
}
