import { randomUUID } from 'node:crypto';
import type { ItemsFile } from './items-file.ts';
import type { ServedModel } from './models.ts';
import { type RequestRules, resolveRules } from './rules.ts';
import type { ServerContext } from './server-context.ts';

/** An item of an answer, with the metadata that was asked for. */
export interface AnswerItem {
  readonly id: string;
  readonly score: number | null;
  readonly [field: string]: unknown;
}

/** The body of an answer. */
export interface Answer {
  readonly recommendationId: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly items: readonly AnswerItem[];
  readonly unknown: readonly string[];
  readonly fallback: boolean;
}

/** What is asked. */
export interface AnswerRequest {
  readonly model: ServedModel;
  /** Undefined if the session is not kept. */
  readonly sessionId: string | undefined;
  /** Item ids of the kept clicks, in order. */
  readonly clicked: readonly string[];
  /** Number of clicks before them. */
  readonly dropped: number;
  readonly n: number;
  readonly rules: RequestRules;
  /** Orders only these items. */
  readonly candidates?: readonly string[];
}

/**
 * Recommends items for a session. One version of the model gives the whole answer.
 * @throws Problem if no version is loaded, or the rules do not fit.
 */
export async function answerRequest(context: ServerContext, request: AnswerRequest): Promise<Answer> {
  const { items, metrics } = context;
  const { model, sessionId, clicked, dropped, n, rules: requested, candidates } = request;
  const { inference } = model;
  const { itemIds, version, lineage } = inference;
  const indices = clicked.map((id) => itemIds.indexOf(id));
  const unknownClicks = clicked.filter((_, at) => indices[at] < 0);
  const unknownCandidates = candidates?.filter((id) => itemIds.indexOf(id) < 0) ?? [];
  const unknown = [...new Set([...unknownClicks, ...unknownCandidates])];
  const fallback = indices.every((index) => index < 0);
  const recommendationId = randomUUID();
  const head = { recommendationId, model: model.name, modelVersion: version };
  const { rules, idOf } = resolveRules(requested, { itemIds, items, seen: clicked, candidates, n });
  if (n === 0) return { ...head, items: [], unknown, fallback };
  const best = await inference.ask({ sessionId, dropped, items: indices, n, rules });
  const found = Array.from(best.items, (item, at) => {
    // A pinned item that the model does not know has no score.
    return { id: idOf(item), score: item < 0 ? null : best.scores[at] };
  });
  const answer = { ...head, items: withFields(found, requested.fields, items), unknown, fallback };
  if (fallback) metrics.fallback(model.name);
  for (const observer of context.observers) {
    observer.onAnswer?.({ ...head, lineage, sessionId, items: found.map(({ id }) => id), fallback });
  }
  return answer;
}

function withFields(
  answers: readonly AnswerItem[],
  names: readonly string[] | undefined,
  items: ItemsFile | undefined,
): readonly AnswerItem[] {
  if (!names || !items) return answers;
  return answers.map((answer) => {
    const known = items.get(answer.id)?.fields;
    const given = names.filter((name) => known?.[name] !== undefined).map((name) => [name, known?.[name]]);
    return { ...Object.fromEntries(given), ...answer };
  });
}
