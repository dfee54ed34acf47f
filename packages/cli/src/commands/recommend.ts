import { once } from 'node:events';
import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import type { ItemInfoTable } from '@gru4rec/dataset/items';
import {
  Gru4Rec,
  type LiveSessions,
  type Ranking,
  type Recommendation,
  relatedKinds,
  type ScoredItems,
  type Selection,
} from '@gru4rec/model';
import type { Recommender } from '@gru4rec/recommender';
import { expectFolder, expectRecommender } from '../arguments/folders.ts';
import {
  type ArgumentsOf,
  type Command,
  flag,
  integer,
  modelArgument,
  oneOf,
  parsed,
  text,
  under,
} from '../arguments/options.ts';
import { loadRecommender, readItemInfoOf, vectorsFor } from '../arguments/read-inputs.ts';
import { batchesOf, readSessionLines, type SessionLine } from '../arguments/read-sessions.ts';
import { duration, itemIds, parseShare, rules } from '../arguments/values.ts';
import { createEngine } from '../engines/choose-engine.ts';
import { allowedBy } from '../recommending/allowed-by.ts';
import { leaveOnSignal } from '../terminal/leave-on-signal.ts';
import { printable, printableStart } from '../terminal/printable.ts';
import { count, showShare } from '../terminal/progress.ts';
import { plainTable } from '../terminal/tables.ts';
import type { RawOutput, Terminal } from '../terminal/terminal.ts';

const options = {
  model: modelArgument,
  session: parsed('The session’s item ids in order', itemIds),
  sessions: text(
    'Many sessions as JSON Lines: {"session": "id", "items": ["…"]} per line; answers have the same form',
  ),
  top: integer(1, 'Number of items; if not given, 20 or all of --candidates'),
  candidates: parsed('Rank exactly these items', itemIds),
  allow: parsed('Only these items', itemIds),
  deny: parsed('None of these items', itemIds),
  where: parsed('Rule about columns of the items file: \'{"price":{"lte":500}}\'', rules),
  'exclude-seen': flag('Exclude the items of the session'),
  'max-per-group': integer(1, 'Maximum number of items per group of the items file'),
  variety: parsed('How unlike the items are, from 0, only by score, to 1', parseShare),
  explain: flag('Show what each part of the model adds to a score'),
  json: flag('Print one JSON object'),
  ...under('Lists for all:', {
    all: oneOf(
      ['visitors', 'items'],
      'A list for the latest session of each visitor, or of the items related to each item',
    ),
    output: text('File of the lists: .parquet or .jsonl'),
    data: text('visitors: those of this dataset'),
    events: text('visitors: those of the folder that serve --event-log wrote'),
    since: parsed(
      'visitors: only those whose session ended this long before the last click, such as 30d',
      duration('12h or 30d'),
    ),
    kind: oneOf(
      relatedKinds,
      'items: the answer to one click (next), items of the same sessions, or items with like features (next)',
    ),
    fields: parsed('Columns of the items file, separated by commas, that lists repeat per item', itemIds),
  }),
};

type Arguments = ArgumentsOf<typeof options>;

export const command: Command = {
  usage:
    '$0 recommend MODEL --session ID,ID,… [options]\n$0 recommend MODEL --sessions FILE [options]\n$0 recommend MODEL --all visitors|items --output FILE [options]\n\nRecommends the next items of a session, best first. Lists of ids are separated by commas, or JSON: \'["a,b","c"]\'.',
  options,
  examples: [
    'model --session 214536502,214536506 --top 10',
    'model --session \'["a,b","c"]\' --exclude-seen --json',
    'model --session 214536502 --candidates 214536500,214536506',
    'model --session 214536502 --explain',
    'model --sessions sessions.jsonl --max-per-group 2',
    'model --all visitors --events events --since 30d --output lists.parquet',
    'model --all items --kind together --top 10 --output lists.jsonl',
  ],
  run: runRecommend,
};

function checkCombination(args: Arguments): void {
  const { session, sessions, all, candidates, allow, where } = args;
  const starts = [session, sessions, all].filter((start) => start !== undefined);
  if (starts.length !== 1) {
    throw new UsageError(
      `recommend expects one of --session, --sessions and --all, got ${starts.length > 0 ? 'several' : 'none'}`,
    );
  }
  checkAll(args);
  const also = allow ? '--allow' : where && '--where';
  if (candidates && also) {
    throw new UsageError(`${also} and --candidates exclude each other: either says all that may come back`);
  }
}

/** What options of lists for all expect `--all` to be. */
const expectedAll = {
  output: 'visitors or items',
  fields: 'visitors or items',
  data: 'visitors',
  events: 'visitors',
  since: 'visitors',
  kind: 'items',
} as const;

function checkAll(args: Arguments): void {
  const { all = 'none', output = 'none', data, events, candidates, explain, json } = args;
  for (const [name, expected] of Object.entries(expectedAll)) {
    if (args[name as keyof typeof expectedAll] === undefined || expected.includes(all)) continue;
    throw new UsageError(`--${name} expected --all ${expected} with it, got ${all}`);
  }
  const refused = Object.entries({ candidates, explain, json }).find(([, value]) => value);
  if (all !== 'none' && refused) throw new UsageError(`--all expected no --${refused[0]} with it, got both`);
  if (all !== 'none' && !/\.(parquet|jsonl)$/.test(output)) {
    throw new UsageError(`--all expected --output FILE.parquet or FILE.jsonl, got ${output}`);
  }
  if (all === 'visitors' && !data === !events) {
    throw new UsageError(`--all visitors expected one of --data and --events, got ${data ? 'both' : 'none'}`);
  }
}

async function runRecommend(args: Arguments, terminal: Terminal): Promise<void> {
  checkCombination(args);
  const inFolder = (path: string) => resolve(terminal.directory, path);
  const folder = inFolder(args.model);
  if (args.explain) await expectFolder('MODEL with --explain', folder, 'a model');
  else await expectRecommender('MODEL', folder);
  const model = await loadRecommender(folder, { engine: await createEngine('wasm'), optimizer: false });
  try {
    const info = await readItemInfoOf(folder, model.itemIds);
    const groups = groupsOf(args, model, info);
    const { excludeSeen, allow, deny, maxPerGroup, variety } = args;
    if (variety) vectorsFor('--variety', model);
    const selection = { excludeSeen, deny, groups, maxPerGroup, variety };
    const explains = args.explain && model instanceof Gru4Rec ? model : undefined;
    const { top, candidates, where } = args;
    const allowed = allowedBy({ allow, where }, model, info);
    const question = { top, candidates, allowed, selection, info, explains };
    warnOfUnknown(model, args, terminal);
    if (args.output !== undefined) {
      await recommendAll(args, model, question, terminal);
    } else if (args.sessions !== undefined) {
      if (!model.popularItems()) terminal.stderr.write(`${NO_POPULARITY}\n`);
      await recommendSessions(model, inFolder(args.sessions), question, terminal.stdout.raw);
    } else {
      const unknown = skipUnknown(model, args, terminal);
      const popular = unknown.length === args.session?.length ? model.popularItems() : undefined;
      const items = popular ? answerWith(popular, question) : recommend(model, args.session ?? [], question);
      const reason = items.length === 0 ? whyEmpty(model, args) : undefined;
      if (reason !== undefined) terminal.stderr.write(`No item is left: ${reason}\n`);
      const fallback = popular && 'popular';
      const unknownCandidates = args.candidates && unknownOf(model, args.candidates);
      const answer = { session: args.session, items, unknown, fallback, reason, unknownCandidates };
      if (args.json) terminal.stdout.writeJson(answer);
      else terminal.stdout.write(`${formatItems(items)}\n`);
    }
  } finally {
    model.dispose();
  }
}

async function recommendAll(
  {
    model: folder,
    all,
    kind = 'next',
    output = '',
    data,
    events,
    since,
    fields = [],
    allow,
    where,
  }: Arguments,
  model: Recommender,
  { top = 20, selection, info }: Question,
  { directory, stderr }: Terminal,
): Promise<void> {
  const inFolder = (path: string | undefined) => path && resolve(directory, path);
  if (data !== undefined) await expectFolder('--data', resolve(directory, data), 'a dataset');
  if (all === 'items') model.related(model.itemIds.at(0) ?? '', { kind });
  // Loads DuckDB.
  const { itemTypeOf, writeLists } = await import('../recommending/write-lists.ts');
  const { onProgress, stop } = showShare(stderr, 'Recommending', 'list');
  const stay = leaveOnSignal();
  try {
    const lists = await writeLists(
      resolve(directory, output),
      {
        folder: resolve(directory, folder),
        kind: all === 'items' ? kind : undefined,
        n: top,
        selection,
        rules: { allow, where },
        fields,
      },
      {
        source: { data: inFolder(data), events: inFolder(events), sinceMs: since, itemIds: model.itemIds },
        itemType: itemTypeOf(fields, model.itemIds, info),
        onProgress,
      },
    );
    stop();
    stderr.write(`${output}: ${count(lists, 'list')}\n`);
  } finally {
    stop();
    stay();
  }
}

function warnOfUnknown(
  model: Recommender,
  { candidates, allow, deny }: Arguments,
  { stderr }: Terminal,
): void {
  for (const [what, ids = []] of [
    ['Candidates', candidates],
    ['Items of --allow', allow],
    ['Items of --deny', deny],
  ] as const) {
    const lost = unknownOf(model, ids);
    if (lost.length > 0)
      stderr.write(`${what} unknown to the model, ignored: ${lost.map(printable).join(', ')}\n`);
  }
}

function whyEmpty(model: Recommender, { candidates, allow, deny, excludeSeen, where }: Arguments): string {
  const [option, named] = candidates ? ['--candidates', candidates] : ['--allow', allow];
  if (named && unknownOf(model, named).length === named.length) {
    return `the model knows no item of ${option}`;
  }
  const from = named ? `all items of ${option}` : `all ${count(model.itemIds.length, 'item')} of the model`;
  const options = { where, deny, 'exclude-seen': excludeSeen };
  const by = Object.entries(options).flatMap(([name, value]) => (value ? [`--${name}`] : []));
  return `${by.join(' and ')} ${by.length === 1 ? 'excludes' : 'exclude'} ${from}`;
}

function groupsOf(
  { maxPerGroup }: Arguments,
  { itemIds }: Recommender,
  info: ItemInfoTable | undefined,
): ReadonlyMap<string, string> | undefined {
  if (maxPerGroup === undefined) return undefined;
  if (!info?.hasGroups) {
    throw new UsageError(
      '--max-per-group expected a model of a dataset whose items file has groups (prepare --items)',
    );
  }
  const groups = new Map<string, string>();
  let index = 0;
  for (const itemId of itemIds) {
    const group = info.at(index++)?.group;
    if (group !== undefined) groups.set(itemId, group);
  }
  return groups;
}

const NO_POPULARITY =
  'The model records no recent clicks, as imported models, so sessions without a known item get nothing';

function skipUnknown(model: Recommender, { session = [] }: Arguments, terminal: Terminal): string[] {
  const unknown = unknownOf(model, session);
  if (unknown.length === session.length) {
    const problem = `The model knows no item of the session: ${unknown.map(printable).join(', ')}`;
    if (!model.popularItems()) throw new Error(`${problem}. ${NO_POPULARITY}`);
    terminal.stderr.write(`${problem}. These are its items with the most recent clicks\n`);
    return unknown;
  }
  if (unknown.length > 0)
    terminal.stderr.write(`Unknown to the model, skipped: ${unknown.map(printable).join(', ')}\n`);
  return unknown;
}

function recommend(model: Recommender, session: readonly string[], question: Question): NamedItem[] {
  const visit = model.startSession();
  for (const itemId of session) visit.click(itemId);
  return answerWith(visit, question, session);
}

const TITLE_CHARACTERS = 60;

function formatItems(items: readonly NamedItem[]): string {
  const grouped = items.some(({ group }) => group !== undefined);
  const titled = items.some(({ title }) => title !== undefined);
  const names = Object.keys(items[0]?.parts ?? {});
  const head = ['', 'item', 'score', ...names, ...(titled ? ['title'] : []), ...(grouped ? ['group'] : [])];
  const rows = items.map(({ id, score, parts, title, group }, index) => [
    ...[index + 1, printable(id), score.toFixed(4)],
    ...names.map((name) => parts?.[name]?.toFixed(4)),
    ...(titled ? [printableStart(title ?? '', TITLE_CHARACTERS)] : []),
    ...(grouped ? [printable(group ?? '')] : []),
  ]);
  return plainTable(head, rows, [1, names.length + 3, names.length + 4]);
}

/** Without a known item, popular ones if the model records them; a line without items has a reason. */
async function recommendSessions(
  model: Recommender,
  file: string,
  question: Question,
  stdout: RawOutput,
): Promise<void> {
  const popular = model.popularItems();
  const live = model.sessions({ maxAgeMs: Number.POSITIVE_INFINITY });
  for await (const batch of batchesOf(readSessionLines(file))) {
    const parts = batch.map((line) => ({ ...line, unknown: unknownOf(model, line.items) }));
    live.click(batch.flatMap(({ line, items }) => items.map((item) => ({ session: String(line), item }))));
    const lines = parts.map((part) => `${JSON.stringify(answerLine(live, popular, part, question))}\n`);
    if (!stdout.write(lines.join(''))) await once(stdout, 'drain');
  }
}

function unknownOf(model: Recommender, itemIds: readonly string[]): string[] {
  return itemIds.filter((itemId) => model.itemIndex(itemId) === undefined);
}

function answerLine(
  live: LiveSessions,
  popular: ScoredItems | undefined,
  { session, line, unknown, items: clicked }: SessionLine & { unknown: readonly string[] },
  question: Question,
): Record<string, unknown> {
  // Lines are separate sessions even if they have the same id.
  const key = String(line);
  const answers: Answers = {
    recommend: (n, selection) => live.recommend(key, n, selection),
    rank: (itemIds, selection) => live.rank(key, itemIds, selection),
  };
  const isKnown = live.has(key);
  const source = isKnown ? answers : popular;
  const items = source ? answerWith(source, question, isKnown ? clicked : undefined) : [];
  live.end(key);
  const fallback = !isKnown && popular ? 'popular' : undefined;
  const why = source ? 'the options leave no item' : 'the model knows no item of the session';
  return { session, items, unknown, fallback, reason: items.length === 0 ? why : undefined };
}

interface Question {
  readonly top: number | undefined;
  readonly candidates: readonly string[] | undefined;
  readonly allowed?: ReturnType<typeof allowedBy>;
  readonly selection: Selection & { readonly groups?: ReadonlyMap<string, string> | undefined };
  readonly info?: ItemInfoTable | undefined;
  readonly explains?: Gru4Rec | undefined;
}

export interface Answers {
  recommend(n: number, selection: Selection): Recommendation[];
  rank(itemIds: Iterable<string>, selection: Selection): Ranking;
}

interface NamedItem extends Recommendation {
  readonly parts?: Readonly<Record<string, number>> | undefined;
  readonly title: string | undefined;
  readonly group: string | undefined;
}

export function answerWith(
  answers: Answers,
  { top, candidates, allowed, selection: others, info, explains }: Question,
  clicked?: readonly string[],
): NamedItem[] {
  const selection = { ...others, allow: allowed?.(clicked?.at(-1)) };
  const items = candidates
    ? answers.rank(candidates, selection).items.slice(0, top)
    : answers.recommend(top ?? 20, selection);
  const ids = items.map(({ id }) => id);
  const parts = clicked && explains?.explain(clicked, ids);
  return items.map((item, at) => {
    const known = info?.get(item.id);
    const group = selection.groups ? selection.groups.get(item.id) : known?.group;
    return { ...item, parts: parts?.[at], title: known?.title, group };
  });
}
