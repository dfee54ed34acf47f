import type { HistoryReport } from '../../src/history/history-report.ts';

const LOAD_ERROR =
  'model.json expected a checksum of the file items.arrow that is in the manifest, got another, at /srv/shops/' +
  'northern-europe/models/2026-11-30T03-00-00Z-candidate/model.json. Write the model again, or restore the folder.';

/** A day of a busy server that learns. @param endMs - milliseconds since 1970, its last sample. */
export function madeUpDay(endMs: number, samples = 1440): HistoryReport {
  const every = <Value>(of: (at: number) => Value) => Array.from({ length: samples }, (_, at) => of(at));
  const wave = (at: number) => 1 + Math.sin(at / 200) / 2 + Math.sin(17 * at) / 10;
  const recall = (start: number) => every((at) => (at < 30 ? null : start + wave(at) / 50));
  return {
    everyMs: 60_000,
    atMs: every((at) => endMs - 60_000 * (samples - 1 - at)),
    answersPerSecond: every((at) => 640 * wave(at)),
    p99Ms: every((at) => (at % 500 === 499 ? null : 3 * wave(at))),
    recall: [
      { model: 'shop', values: recall(0.55) },
      { model: 'a-model-with-quite-a-long-name', values: recall(0.31) },
    ],
    guard: {
      learner: every((at) => Math.round(at * 1.3)),
      frozen: every((at) => Math.round(at * 0.9)),
    },
    loads: [
      { atMs: endMs - 3_600_000, model: 'shop', version: 'c0ffee'.repeat(10), error: null },
      { atMs: endMs - 7_200_000, model: 'shop', version: null, error: LOAD_ERROR },
    ],
    newItems: every((at) => ({
      id: at === 0 ? '<img src=x onerror=alert(1)>' : `article-${at}`,
      title: at % 3 === 0 ? `A headline of usual length, number ${at}` : undefined,
      firstClickMs: endMs - 180_000 * at,
      clicked: 40 * at,
      listed: 5321 * at,
      known: at > 0,
    })).slice(0, 10),
  };
}
