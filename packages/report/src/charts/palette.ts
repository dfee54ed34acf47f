import type { ModelReport } from '../report.ts';

/** Number of models with a distinct colour; more colours would be hard to distinguish. */
export const HIGHLIGHTED = 5;

/** CSS variables of the colours, which the style sheet defines for both schemes. */
export const INK = 'var(--ink)';
export const SOFT = 'var(--soft)';
export const LINE = 'var(--line)';

export interface Look {
  readonly color: string;
  readonly symbol: string;
  readonly dash: 'solid' | 'dashed' | 'dotted' | number[];
  readonly highlighted: boolean;
}

const GREY: Look = { color: 'var(--other)', symbol: 'circle', dash: 'solid', highlighted: false };

/** Shape and dash distinguish models where colours cannot: in print and for colour-blind readers. */
const LOOKS: readonly Pick<Look, 'symbol' | 'dash'>[] = [
  { symbol: 'circle', dash: 'solid' },
  { symbol: 'rect', dash: 'dashed' },
  { symbol: 'triangle', dash: 'dotted' },
  { symbol: 'diamond', dash: [8, 3, 2, 3] },
  { symbol: 'roundRect', dash: [2, 2, 6, 2] },
];

export function lookOf(rank: number): Look {
  const look = LOOKS[rank];
  return look ? { ...look, color: `var(--c${rank + 1})`, highlighted: true } : GREY;
}

/** @returns the style of a seed's line: the colour of its model, and the shape and dash of the seed's position. */
export function seedLook(rank: number, place: number): Look {
  const { color, highlighted } = lookOf(rank);
  const { symbol, dash } = lookOf(place % HIGHLIGHTED);
  return { color: highlighted ? color : 'var(--other-dot)', symbol, dash, highlighted };
}

/** A note on which models a chart shows in grey; nothing if every model has a colour. */
export function greyNote(models: readonly ModelReport[]): string {
  const others = models.length - HIGHLIGHTED;
  if (others <= 0) return '';
  return `In colour: the best ${HIGHLIGHTED} by MRR. Grey: the other ${others === 1 ? 'model' : `${others} models`}.`;
}
