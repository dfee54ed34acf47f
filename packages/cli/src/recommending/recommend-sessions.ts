import { once } from 'node:events';
import type { LiveSessions, ScoredItems } from '@gru4rec/model';
import type { Recommender } from '@gru4rec/recommender';
import type { RawOutput } from '../terminal/terminal.ts';
import { type Answers, answerWith, type Question } from './recommendations.ts';
import { readSessionLines, type SessionLine } from './session-lines.ts';

/** Sessions per batch. */
const BATCH = 256;

/**
 * Answers every session of a file in order, with one line of JSON per session. Memory holds one batch of sessions. A session
 * without a known item gets popular ones, if the model records them; a line without items has a reason.
 *
 * @throws Error naming the file and the line that is invalid. The answers of earlier batches have been written then.
 */
export async function recommendSessions(
  model: Recommender,
  file: string,
  question: Question,
  stdout: RawOutput,
): Promise<void> {
  const popular = model.popularItems();
  const live = model.sessions({ capacity: BATCH, maxAgeMs: Number.POSITIVE_INFINITY });
  for await (const batch of batchesOf(readSessionLines(file))) {
    const parts = batch.map((line) => ({ ...line, unknown: unknownOf(model, line.items) }));
    live.click(batch.flatMap(({ line, items }) => items.map((item) => ({ session: String(line), item }))));
    const lines = parts.map((part) => `${JSON.stringify(answerLine(live, popular, part, question))}\n`);
    if (!stdout.write(lines.join(''))) await once(stdout, 'drain');
  }
}

/** Items of a session that the model does not know. */
export function unknownOf(model: Recommender, itemIds: readonly string[]): string[] {
  return itemIds.filter((itemId) => model.itemIndex(itemId) === undefined);
}

function answerLine(
  live: LiveSessions,
  popular: ScoredItems | undefined,
  { session, line, unknown }: SessionLine & { unknown: readonly string[] },
  question: Question,
): Record<string, unknown> {
  // Lines are separate sessions even if they have the same id.
  const key = String(line);
  const answers: Answers = {
    top: (n, selection) => live.top(key, n, selection),
    rank: (itemIds, selection) => live.rank(key, itemIds, selection),
  };
  const isKnown = live.has(key);
  const source = isKnown ? answers : popular;
  const items = source ? answerWith(source, question) : [];
  live.end(key);
  const fallback = !isKnown && popular ? { fallback: 'popular' } : {};
  const reason = source ? 'the options leave no item' : 'the model knows no item of the session';
  return { session, items, unknown, ...fallback, ...(items.length === 0 ? { reason } : {}) };
}

async function* batchesOf(lines: AsyncIterable<SessionLine>): AsyncGenerator<SessionLine[]> {
  let batch: SessionLine[] = [];
  for await (const line of lines) {
    batch.push(line);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
