import { randomUUID } from 'node:crypto';
import type { ItemIdTable } from '@gru4rec/item-ids';
import type { Found } from './inference/inference.ts';
import type { ItemsFile } from './items-file.ts';
import type { ServedModel } from './models.ts';
import { type Pin, type RequestRules, resolveRules } from './rules.ts';
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
  const { itemIds, version } = inference;
  const indices = clicked.map((id) => itemIds.indexOf(id));
  const unknownClicks = clicked.filter((_, at) => indices[at] < 0);
  const unknownCandidates = candidates?.filter((id) => itemIds.indexOf(id) < 0) ?? [];
  const unknown = [...new Set([...unknownClicks, ...unknownCandidates])];
  const fallback = indices.every((index) => index < 0);
  const recommendationId = randomUUID();
  const head = { recommendationId, model: model.name, modelVersion: version };
  const { rules, pins } = resolveRules(requested, { itemIds, items, seen: clicked, candidates, n });
  if (n === 0) return { ...head, items: [], unknown, fallback };
  const found = await inference.ask({ sessionId, dropped, items: indices, n, rules });
  const placed = placePins(itemsOf(found, itemIds), { pins, scores: pinScores(found, itemIds), n });
  const answer = { ...head, items: withFields(placed, requested.fields, items), unknown, fallback };
  if (fallback) metrics.fallback(model.name);
  for (const observer of context.observers) {
    observer.onAnswer?.({ ...head, sessionId, items: placed.map(({ id }) => id), fallback });
  }
  return answer;
}

function itemsOf({ best }: Found, itemIds: ItemIdTable): AnswerItem[] {
  return Array.from(best.items, (item, at) => ({ id: itemIds.at(item) as string, score: best.scores[at] }));
}

function pinScores({ scored }: Found, itemIds: ItemIdTable): ReadonlyMap<string, number> {
  return new Map(Array.from(scored.items, (item, at) => [itemIds.at(item) as string, scored.scores[at]]));
}

/** Puts pinned items at their positions among the best ones; positions beyond the list come at its end. */
function placePins(
  best: readonly AnswerItem[],
  { pins, scores, n }: { pins: readonly Pin[]; scores: ReadonlyMap<string, number>; n: number },
): readonly AnswerItem[] {
  if (pins.length === 0) return best;
  const placed = [...best];
  for (const { item, position } of pins) {
    placed.splice(position - 1, 0, { id: item, score: scores.get(item) ?? null });
  }
  return placed.slice(0, n);
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
