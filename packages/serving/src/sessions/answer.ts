import { randomUUID } from 'node:crypto';
import { typeOfClick } from '@gru4rec/model';
import { z } from 'zod';
import { Problem } from '../http/problem.ts';
import type { IndexRules, Source } from '../inference/messages.ts';
import type { ItemsFile } from '../items/items-file.ts';
import { CONTROL, type ServedModel } from '../models/served-model.ts';
import type { ServerContext } from '../server-context.ts';
import type { AnswerLine } from '../traffic.ts';
import { checkRules, checkVariety, type RequestRules, resolveRules } from './rules.ts';
import type { Click } from './session-store.ts';

const score = z
  .number()
  .nullable()
  .describe('Comparable within an answer; null for an item that the model does not know');

export const answer = z.object({
  recommendationId: z.string(),
  model: z.string().describe('Name of the model'),
  modelVersion: z.string().describe('Checksum of the model'),
  items: z.array(z.looseObject({ id: z.string(), score })),
  unknown: z.array(z.string()).describe('Given items that the model does not know'),
  unknownContext: z
    .array(z.string())
    .describe('Values of the click, such as type=rate, that the model does not know')
    .optional(),
  fallback: z.boolean().describe('Whether these are trending items'),
  left: z.int().describe('How many items "where" and the server’s own rule leave').optional(),
  source: z
    .enum(['model', 'trending', 'next', 'together', 'alike', 'none'])
    .describe('What the items come from; none: the visitor is of the control group'),
});
type Answer = z.output<typeof answer>;

export type Clicked = Pick<Click, 'item'> & {
  readonly [Name in 'type' | 'context']?: Click[Name] | undefined;
};

export interface AnswerRequest {
  readonly model: ServedModel;
  readonly sessionId?: string | undefined;
  /** Whose arm it is, and who is logged; `sessionId`, if not given. */
  readonly visitor?: string | undefined;
  readonly clicks: readonly Clicked[];
  readonly dropped?: number;
  readonly earlier?: readonly string[] | undefined;
  readonly n: number;
  readonly rules: RequestRules;
  /** What the list starts from; the clicks, if not given. */
  readonly source?: Source | undefined;
  /** In the caller's order. */
  readonly candidates?: readonly string[];
  readonly weight?: number | undefined;
  /** What the answer waits for, such as the log, while the model computes. */
  readonly observed?: Promise<unknown> | undefined;
}

export function checkAnswerable(
  { items }: ServerContext,
  { model, n, rules }: Pick<AnswerRequest, 'model' | 'n' | 'rules'>,
): void {
  const { isFull, hasVectors } = model.inference;
  checkRules(rules, items);
  checkVariety(rules, hasVectors);
  if (n > 0 && isFull) throw new Problem(503, 'Too many requests wait');
}

/** One version of the model gives the whole answer, whose parts are in the order of the schema. */
export async function answerRequest(context: ServerContext, request: AnswerRequest): Promise<Answer> {
  const { items, metrics } = context;
  const { model, sessionId, clicks: clicked, dropped = 0, n, rules: requested, source } = request;
  const { candidates, weight } = request;
  const { inference, name } = model;
  const { itemIds, version: modelVersion, lineage, clicks } = inference;
  const seen = clicked.map(({ item }) => item);
  const indices = seen.map((id) => itemIds.indexOf(id));
  const part = inference.earlier;
  const earlier = part
    ? (request.earlier ?? []).map((id) => itemIds.indexOf(id)).filter((at) => at >= 0)
    : [];
  // A session that drops its first clicks drops what came before them.
  const fed = dropped > 0 ? [] : earlier.slice(0, part?.fed).reverse();
  const kind =
    source?.kind ?? (fed.length === 0 && indices.every((index) => index < 0) ? 'trending' : 'model');
  const fallback = kind === 'trending';
  const unknown = seen.filter((_, at) => indices[at] < 0);
  for (const id of candidates ?? []) if (itemIds.indexOf(id) < 0) unknown.push(id);
  const last = clicked.at(-1);
  const unknownContext = last && clicks ? clicks.unknownOf(last.context ?? {}, last.type) : [];
  const recommendationId = randomUUID();
  const answers: Answer['items'] = [];
  const answered: Answer = {
    recommendationId,
    model: name,
    modelVersion,
    items: answers,
    unknown: [...new Set(unknown)],
    unknownContext: unknownContext.length > 0 ? unknownContext : undefined,
    fallback,
    source: kind,
    left: undefined,
  };
  const isPurchase = ({ context: values, type }: Clicked) =>
    typeOfClick(clicks?.typeColumn, values, type) === 'purchase';
  const purchased = requested.excludePurchased ? clicked.filter(isPurchase).map(({ item }) => item) : [];
  checkVariety(requested, inference.hasVectors);
  const conditions = [...context.where, ...checkRules(requested, items)];
  const start = source && 'item' in source ? itemIds.at(source.item) : last?.item;
  const {
    rules: asked,
    idOf,
    unknown: kept,
  } = resolveRules(requested, {
    version: inference,
    items,
    conditions,
    start: start === undefined ? undefined : items?.get(start),
    seen,
    purchased,
    candidates,
    weight,
    n,
  });
  const raise = (seen.length === 0 ? part?.first : part?.later) ?? 0;
  const rules = kind === 'model' ? withRaised(asked, earlier, raise) : asked;
  if (conditions.length > 0) answered.left = rules.allowed?.count;
  const visitor = request.visitor ?? sessionId;
  const arm = visitor === undefined ? name : context.models.armOf(visitor);
  if (arm === CONTROL) {
    const answer: Answer = {
      ...answered,
      items: (candidates ?? []).map((id) => ({ id, score: null })),
      fallback: false,
      source: 'none',
    };
    await request.observed;
    logAnswer(context, { ...request, visitor, arm }, answer);
    return answer;
  }
  if (n === 0) {
    await request.observed;
    return answered;
  }
  const stepsOf = (at: number, { context: values = {}, type }: Omit<Clicked, 'item'>) =>
    clicks ? [at, ...clicks.encode(values, type)] : [at];
  const before = fed.flatMap((item) => stepsOf(item, {}));
  const steps =
    clicks || fed.length > 0
      ? [...before, ...clicked.flatMap((click, at) => stepsOf(indices[at], click))]
      : indices;
  const best = await inference.ask({ sessionId, dropped, items: steps, n, rules, source });
  if (best.isNext) answered.source = 'next';
  if (request.observed) await request.observed;
  for (let at = 0; at < best.items.length; at++) {
    const item = best.items[at];
    const id = idOf ? idOf(item) : inference.idOf(item);
    answers.push({ id, score: item < 0 ? null : best.scores[at] });
  }
  if (candidates && kept?.size) answers.push(...inPlaces(answers.splice(0), candidates, kept));
  const ids = answers.map(({ id }) => id);
  if (fallback && !source) metrics.fallbacks.inc({ model: name });
  const event = { sessionId, recommendationId, model: name, modelVersion, lineage, items: ids, fallback };
  for (const observer of context.observers) observer.onAnswer?.(event);
  logAnswer(context, { ...request, visitor, arm }, answered);
  if (requested.fields && items) answered.items = withFields(answers, requested.fields, items);
  return answered;
}

function logAnswer(
  { observers, models }: ServerContext,
  { visitor, rules, arm }: Pick<AnswerRequest, 'visitor' | 'rules'> & { readonly arm: string },
  { recommendationId, modelVersion, source, items }: Answer,
): void {
  if (rules.place === undefined) return;
  const line: AnswerLine = {
    SessionId: visitor,
    Kind: 'answer',
    RecommendationId: recommendationId,
    Place: rules.place,
    Arm: arm,
    Share: models.shareOf(arm),
    Experiment: models.experiment || undefined,
    Version: modelVersion,
    Source: source,
    Items: items.map(({ id }) => id),
  };
  for (const observer of observers) observer.onLine?.(line);
}

function withRaised(rules: IndexRules, items: readonly number[], weight: number): IndexRules {
  if (items.length === 0 || weight === 0) return rules;
  const itemBoosts = new Map(rules.itemBoosts);
  for (const item of items) itemBoosts.set(item, (itemBoosts.get(item) ?? 0) + weight);
  return { ...rules, itemBoosts };
}

/** The caller's order of the candidates that are left: unknown ones stay where they are, the ranked ones fill the other places. */
function inPlaces(
  ranked: Answer['items'],
  candidates: readonly string[],
  unknown: ReadonlySet<string>,
): Answer['items'] {
  const left = new Set([...ranked.map(({ id }) => id), ...unknown]);
  const next = ranked.values();
  return [...new Set(candidates)].flatMap((id) => {
    if (!left.has(id)) return [];
    return unknown.has(id) ? { id, score: null } : (next.next().value ?? []);
  });
}

function withFields(answers: Answer['items'], names: readonly string[], items: ItemsFile): Answer['items'] {
  return answers.map((answer) => {
    const known = items.get(answer.id)?.fields ?? {};
    const shown = names.filter((name) => known[name] !== undefined && !Object.hasOwn(answer, name));
    return { ...answer, ...Object.fromEntries(shown.map((name) => [name, known[name]])) };
  });
}
