import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMPARISON_FORMAT, COMPARISON_FORMAT_VERSION, comparisonJson } from '../src/comparison-json.ts';
import type { ComparisonReport } from '../src/report.ts';
import { fakeReport, smallReport } from './fake-report.ts';

/** The same value with the keys of every object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, part]) => [key, reversed(part)]),
  );
}

describe('comparisonJson', () => {
  it('starts with the format, followed by every field of the report', () => {
    const { format, formatVersion, ...rest } = JSON.parse(comparisonJson(fakeReport));
    expect([format, formatVersion]).toEqual([COMPARISON_FORMAT, COMPARISON_FORMAT_VERSION]);
    expect([format, formatVersion]).toEqual(['gru4rec-comparison', 1]);
    expect(rest).toEqual(JSON.parse(JSON.stringify(fakeReport)));
  });

  it('begins with the format and ends with a newline', () => {
    expect(comparisonJson(smallReport())).toMatch(
      /^\{\n {2}"format": "gru4rec-comparison",\n {2}"formatVersion": 1,\n {2}"title": "Small",/,
    );
    expect(comparisonJson(smallReport())).toMatch(/\}\n$/);
  });

  it('does not depend on the order of keys', () => {
    expect(comparisonJson(reversed(fakeReport) as ComparisonReport)).toBe(comparisonJson(fakeReport));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (options) => {
        const [model] = smallReport().models;
        const report = { ...smallReport(), models: [{ ...model, options }] } as ComparisonReport;
        expect(comparisonJson(reversed(report) as ComparisonReport)).toBe(comparisonJson(report));
      }),
      { seed: 1 },
    );
  });

  it('leaves out fields without a value', () => {
    const text = comparisonJson(smallReport());
    for (const key of ['"sd"', '"interval"', '"p"']) expect(text).not.toContain(key);
  });

  it('refuses a report without models', () => {
    expect(() => comparisonJson({ ...smallReport(), models: [] })).toThrow(
      'comparisonJson: "models" expected at least one model, got 0.',
    );
  });
});
