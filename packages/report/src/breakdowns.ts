import type { Group, ModelReport } from './report.ts';

/** One way of splitting the predictions. */
export interface Breakdown {
  readonly key: 'byPosition' | 'byPopularity' | 'byLength';
  /** Lower-case letters. */
  readonly id: string;
  readonly name: string;
  /** What the groups are of. */
  readonly axis: string;
}

/** The ways in which predictions are split, in the order in which they are shown. */
export const BREAKDOWNS: readonly Breakdown[] = [
  { key: 'byPosition', id: 'position', name: 'By position in the session', axis: 'clicks seen' },
  {
    key: 'byPopularity',
    id: 'popularity',
    name: 'By popularity of the item',
    axis: 'popularity of the item',
  },
  { key: 'byLength', id: 'length', name: 'By length of the session', axis: 'clicks in the session' },
];

/** @returns the groups that any model has, in the order in which they first appear, with its predictions (fresh). */
export function groupsOf(models: readonly ModelReport[], { key }: Breakdown): Group[] {
  const groups = new Map<string, Group>();
  for (const model of models) {
    for (const group of model[key]) if (!groups.has(group.label)) groups.set(group.label, group);
  }
  return [...groups.values()];
}

/** @returns what a model reached in the group of this label (a view), if it has one. */
export function groupOf(model: ModelReport, { key }: Breakdown, label: string): Group | undefined {
  return model[key].find((group) => group.label === label);
}
