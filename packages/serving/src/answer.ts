import { randomUUID } from 'node:crypto';
import { type ClickEncoder, typeOfClick } from '@gru4rec/model';
import type { ItemsFile } from './items-file.ts';
import { Problem } from './problem.ts';
import { checkRules, type RequestRules, resolveRules } from './rules.ts';
import type { ServedModel } from './served-model.ts';
import type { ServerContext } from './server-context.ts';
import type { Click } from './session-store.ts';

/** What is known of a click besides its item. */
type ClickAbout = Pick<Click, 'type' | 'context'>;

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
  /** Values of the latest click, such as `type=rate`, that the model does not know; absent if there are none. */
  readonly unknownContext?: readonly string[];
  readonly fallback: boolean;
}

/** What is asked. */
export interface AnswerRequest {
  readonly model: ServedModel;
  /** Undefined if the session is not kept. */
  readonly sessionId: string | undefined;
  /** Item ids of the kept clicks, in order. */
  readonly clicked: readonly string[];
  /** What is known of each click besides; nothing if not given. */
  readonly about?: readonly ClickAbout[];
  /** Number of clicks before them. */
  readonly dropped: number;
  readonly n: number;
  readonly rules: RequestRules;
  /** Orders only these items. */
  readonly candidates?: readonly string[];
}

/**
 * Looks whether a question can be answered now.
 * @throws Problem as `answerRequest`, or 503 if too many wait.
 */
export function checkAnswerable(
  { items }: ServerContext,
  { model, n, rules }: Pick<AnswerRequest, 'model' | 'n' | 'rules'>,
): void {
  const { isFull } = model.inference;
  checkRules(rules, items);
  if (n > 0 && isFull) throw new Problem(503, 'Too many requests wait');
}

/**
 * Recommends items for a session. One version of the model gives the whole answer.
 * @throws Problem if no version is loaded, or the rules do not fit.
 */
export async function answerRequest(context: ServerContext, request: AnswerRequest): Promise<Answer> {
  const { items, metrics } = context;
  const { model, sessionId, clicked, dropped, n, rules: requested, candidates } = request;
  const { inference } = model;
  const { itemIds, version, lineage, clicks } = inference;
  const indices = clicked.map((id) => itemIds.indexOf(id));
  const unknownClicks = clicked.filter((_, at) => indices[at] < 0);
  const unknownCandidates = candidates?.filter((id) => itemIds.indexOf(id) < 0) ?? [];
  const unknown = [...new Set([...unknownClicks, ...unknownCandidates])];
  const fallback = indices.every((index) => index < 0);
  const recommendationId = randomUUID();
  const head = { recommendationId, model: model.name, modelVersion: version };
  const { about = [] } = request;
  const last = about.at(-1);
  const unknownContext = last && clicks ? clicks.unknownOf(last.context ?? {}, last.type) : [];
  const tail = { unknown, ...(unknownContext.length > 0 && { unknownContext }), fallback };
  const typeOf = (one?: ClickAbout) => typeOfClick(clicks?.typeColumn, one?.context, one?.type);
  const purchased = clicked.filter((_, at) => typeOf(about[at]) === context.purchaseType);
  const seen = { seen: clicked, purchased };
  const { rules, idOf } = resolveRules(requested, { itemIds, items, ...seen, candidates, n });
  if (n === 0) return { ...head, items: [], ...tail };
  const steps = clicks ? indices.flatMap((item, at) => [item, ...featuresOf(clicks, about[at])]) : indices;
  const best = await inference.ask({ sessionId, dropped, items: steps, n, rules });
  const found = Array.from(best.items, (item, at) => {
    // A pinned item that the model does not know has no score.
    return { id: idOf(item), score: item < 0 ? null : best.scores[at] };
  });
  const answer = { ...head, items: withFields(found, requested.fields, items), ...tail };
  if (fallback) metrics.fallback(model.name);
  for (const observer of context.observers) {
    observer.onAnswer?.({ ...head, lineage, sessionId, items: found.map(({ id }) => id), fallback });
  }
  return answer;
}

function featuresOf(clicks: ClickEncoder, { type, context = {} }: ClickAbout = {}): Int32Array {
  return clicks.encode(context, type);
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
