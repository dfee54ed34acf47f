import type { ComparisonReport, ModelReport } from '../../report.ts';
import type { Markup } from '../markup.ts';

/**
 * A section of the page, or nothing if the report lacks its figures.
 * @param ranked - the models, best first.
 */
export type Section = (ranked: readonly ModelReport[], report: ComparisonReport) => Markup;
