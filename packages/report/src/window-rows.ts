import { fraction } from './figures.ts';
import { metricLook, shownPlaces } from './ranking.ts';
import type { ComparisonReport, ModelReport } from './report.ts';

const SHOWN = ['recall', 'mrr'] as const;

/** A table of the figures per window: heads, then a row per model in the given order; none without windows. */
export function windowRows(
  models: readonly ModelReport[],
  { windows = [] }: Pick<ComparisonReport, 'windows'>,
): { readonly heads: readonly string[]; readonly rows: readonly (readonly string[])[] } | undefined {
  if (windows.length === 0) return undefined;
  const [place = 0] = shownPlaces(models);
  return {
    heads: windows.map(({ from, until }) => `${from} to ${until}`),
    rows: models.map(({ name }) =>
      windows.map((window) => {
        const result = window.models.find((model) => model.name === name)?.results[place];
        return SHOWN.map((key) => (result ? fraction(result[key].mean) : '')).join(' / ');
      }),
    ),
  };
}

/** Says what the table of `windowRows` shows. */
export function windowsNote(models: readonly ModelReport[]): string {
  const [place = 0] = shownPlaces(models);
  const cutoff = models[0]?.results[place]?.cutoff ?? '';
  const labels = SHOWN.map((key) => `${metricLook(key).label}@${cutoff}`);
  return `Figures by window, ${labels.join(' / ')}.`;
}
