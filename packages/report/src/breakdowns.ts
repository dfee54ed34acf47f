import { fraction, whole } from './figures.ts';
import type { Group, ModelReport } from './report.ts';

/** One way to group the predictions. */
export interface Breakdown {
  readonly key: 'byTraining' | 'byPosition' | 'byPopularity' | 'byLength';
  /** Lower-case letters. */
  readonly id: string;
  readonly name: string;
  /** What the groups differ in, for titles. */
  readonly axis: string;
}

/** The breakdowns in display order. */
export const BREAKDOWNS: readonly Breakdown[] = [
  { key: 'byPosition', id: 'position', name: 'By position in the session', axis: 'clicks seen' },
  {
    key: 'byPopularity',
    id: 'popularity',
    name: 'By popularity of the item',
    axis: 'popularity of the item',
  },
  { key: 'byLength', id: 'length', name: 'By length of the session', axis: 'clicks in the session' },
  {
    key: 'byTraining',
    id: 'training',
    name: 'By whether the item has training clicks',
    axis: 'warm: with training clicks, cold: without',
  },
];

/** @returns the groups of all models with their predictions, in order of first appearance (fresh). */
export function groupsOf(models: readonly ModelReport[], { key }: Breakdown): Group[] {
  const groups = new Map<string, Group>();
  for (const model of models) {
    for (const group of model[key] ?? []) if (!groups.has(group.label)) groups.set(group.label, group);
  }
  return [...groups.values()];
}

/** @returns a model's group with this label (a view), if it has one. */
export function groupOf(model: ModelReport, { key }: Breakdown, label: string): Group | undefined {
  return model[key]?.find((group) => group.label === label);
}

/**
 * Recall and MRR of all models by group, and the number of predictions: the first row is the head, the first cell of each
 * other row a name.
 *
 * @param absent - the cell of a model that lacks the group.
 */
export function breakdownTable(
  models: readonly ModelReport[],
  breakdown: Breakdown,
  absent: string,
): string[][] {
  const groups = groupsOf(models, breakdown);
  const cellOf = (model: ModelReport, label: string): string => {
    const group = groupOf(model, breakdown, label);
    return group ? `${fraction(group.recall)} / ${fraction(group.mrr)}` : absent;
  };
  return [
    ['model', ...groups.map(({ label }) => label)],
    ...models.map((model) => [model.name, ...groups.map(({ label }) => cellOf(model, label))]),
    ['predictions', ...groups.map(({ predictions }) => whole(predictions))],
  ];
}
