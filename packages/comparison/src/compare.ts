import type { ComparisonReport } from '@gru4rec/report';
import type { CompareSettings, CompareSurroundings } from './compare-on.ts';

/**
 * Fits and evaluates recommenders on the same held-out sessions, or on those of consecutive time windows.
 *
 * @returns figures with intervals and p-values by session, breakdowns, warnings and examples; `writeReports` writes it.
 * @throws UsageError, ConfigError if options or configurations are wrong; Error if the dataset lacks a split, or a trained
 *   model does not fit it.
 */
export async function compare(
  settings: CompareSettings,
  surroundings: CompareSurroundings,
): Promise<ComparisonReport> {
  // Loaded on use, because the library of the report's charts takes a second to load.
  const { compareOn } = await import('./compare-on.ts');
  if (settings.windows === undefined) return compareOn(settings, surroundings);
  const { windows, ...plain } = settings;
  const { compareWindows } = await import('./compare-windows.ts');
  return compareWindows({ ...plain, windows }, surroundings);
}
