import type { ComparisonReport, ModelReport } from './report.ts';
import { oneLine } from './text.ts';

/**
 * Checks a report at the public boundary, so that all other functions can rely on it.
 *
 * @param caller - the function that the message names.
 * @throws RangeError if there is no model or no cutoff, two models have the same name, their cutoffs differ, or a figure is
 *   not finite.
 */
export function checkReport(report: ComparisonReport, caller: string): void {
  const { models } = report;
  if (models.length === 0) fail(caller, 'models', 'at least one model', '0', 'Evaluate a model first.');
  const cutoffs = cutoffsOf(models[0]);
  if (cutoffs === '') fail(caller, 'models[0].results', 'at least one cutoff', '0', 'Give a cutoff.');
  const names = new Set<string>();
  for (const [place, model] of models.entries()) {
    const path = `models[${place}]`;
    const name = oneLine(model.name);
    if (name === '' || names.has(name)) {
      fail(caller, `${path}.name`, 'a unique name', JSON.stringify(name), 'Rename the model.');
    }
    names.add(name);
    if (cutoffsOf(model) !== cutoffs) {
      const expected = `the cutoffs ${cutoffs} of models[0]`;
      fail(caller, `${path}.results`, expected, cutoffsOf(model), 'Evaluate all models alike.');
    }
    const { options: _, ...figures } = model;
    checkFinite(figures, path, caller);
  }
}

function cutoffsOf(model: ModelReport | undefined): string {
  return model?.results.map(({ cutoff }) => cutoff).join(', ') ?? '';
}

function checkFinite(value: unknown, path: string, caller: string): void {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    fail(caller, path, 'a finite number', String(value), 'Leave the model out, or find out why.');
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, part] of Object.entries(value)) {
    checkFinite(part, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, caller);
  }
}

function fail(caller: string, name: string, expected: string, got: string, advice: string): never {
  throw new RangeError(`${caller}: "${name}" expected ${expected}, got ${got}. ${advice}`);
}
