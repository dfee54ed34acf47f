import type { SessionArrays } from '@gru4rec/metrics';

/** Generates sessions of two to five clicks on 12 items by a fixed rule, and training data from them. */
export function manySessions(count: number) {
  const sessionOffsets = new Int32Array(count + 1);
  for (let session = 0; session < count; session++)
    sessionOffsets[session + 1] = (sessionOffsets[session] ?? 0) + 2 + (session % 4);
  const events = sessionOffsets[count] ?? 0;
  const items = new Int32Array(events).map((_, event) => ((event * event) >> 2) % 12);
  const sessions: SessionArrays = { sessionOffsets, items };
  const support = new Int32Array(12);
  for (const item of items) support[item] = (support[item] ?? 0) + 1;
  const sessionStartTimes = Float64Array.from({ length: count }, (_, session) => session * 1000);
  return { sessions, data: { support, train: { ...sessions, sessionStartTimes } } };
}
