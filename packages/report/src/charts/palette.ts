import type { ModelReport } from '../report.ts';

/** Models drawn in colours of their own; more could not be told apart. */
export const HIGHLIGHTED = 5;

/** Colours that the style sheet defines for both schemes; charts name them, so that a page can switch. */
export const INK = 'var(--ink)';
export const SOFT = 'var(--soft)';
export const LINE = 'var(--line)';

/** How a model is drawn, in every chart alike. */
export interface Look {
  readonly color: string;
  readonly symbol: string;
  readonly dash: 'solid' | 'dashed' | 'dotted' | number[];
  readonly highlighted: boolean;
}

const GREY: Look = { color: 'var(--other)', symbol: 'circle', dash: 'solid', highlighted: false };

/** Shape and dash tell models apart where colours do not: in print, and for those who do not see them. */
const LOOKS: readonly Pick<Look, 'symbol' | 'dash'>[] = [
  { symbol: 'circle', dash: 'solid' },
  { symbol: 'rect', dash: 'dashed' },
  { symbol: 'triangle', dash: 'dotted' },
  { symbol: 'diamond', dash: [8, 3, 2, 3] },
  { symbol: 'roundRect', dash: [2, 2, 6, 2] },
];

/** @returns the look of the model of this rank, from 0. */
export function lookOf(rank: number): Look {
  const look = LOOKS[rank];
  return look ? { ...look, color: `var(--c${rank + 1})`, highlighted: true } : GREY;
}

/** @returns the look of the line of a seed: the colour of its model, and a shape and dash of the seed's place. */
export function seedLook(rank: number, place: number): Look {
  const { color, highlighted } = lookOf(rank);
  const { symbol, dash } = lookOf(place % HIGHLIGHTED);
  return { color: highlighted ? color : 'var(--other-dot)', symbol, dash, highlighted };
}

/** Which models a chart that has not a colour for each shows in grey; nothing where all have one. */
export function greyNote(models: readonly ModelReport[]): string {
  const others = models.length - HIGHLIGHTED;
  if (others <= 0) return '';
  return `In colour: the best ${HIGHLIGHTED} by MRR. Grey: the other ${others === 1 ? 'model' : `${others} models`}.`;
}
