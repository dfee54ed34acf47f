import { resolve } from 'node:path';
import { UsageError } from '@gru4rec/checks';
import type { ItemInfoTable } from '@gru4rec/dataset/items';
import type { Recommender } from '@gru4rec/recommender';
import { expectRecommender } from '../arguments/folders.ts';
import {
  type ArgumentsOf,
  type Command,
  flag,
  integer,
  modelArgument,
  parsed,
  text,
} from '../arguments/options.ts';
import { loadRecommender, readItemInfoOf } from '../arguments/read-inputs.ts';
import { itemIds } from '../arguments/values.ts';
import { createEngine } from '../engines/choose-engine.ts';
import {
  answerWith,
  type NamedItem,
  type Question,
  recommendSessions,
  unknownOf,
} from '../recommending/recommend-sessions.ts';
import { printable, printableStart } from '../terminal/printable.ts';
import { count } from '../terminal/progress.ts';
import { plainTable } from '../terminal/tables.ts';
import type { Terminal } from '../terminal/terminal.ts';

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
  'exclude-seen': flag('Exclude the items of the session'),
  'max-per-group': integer(1, 'Maximum number of items per group of the items file'),
  json: flag('Print one JSON object'),
};

type Arguments = ArgumentsOf<typeof options>;

export const command: Command = {
  usage:
    '$0 recommend MODEL --session ID,ID,… [options]\n$0 recommend MODEL --sessions FILE [options]\n\nRecommends the next items of a session, best first. Lists of ids are separated by commas, or JSON: \'["a,b","c"]\'.',
  options,
  examples: [
    'model --session 214536502,214536506 --top 10',
    'model --session \'["a,b","c"]\' --exclude-seen --json',
    'model --session 214536502 --candidates 214536500,214536506',
    'model --sessions sessions.jsonl --max-per-group 2',
  ],
  run: runRecommend,
};

function checkCombination({ session, sessions, candidates, allow }: Arguments): void {
  if (!session === !sessions) {
    throw new UsageError(
      `recommend expects one of --session and --sessions, got ${session ? 'both' : 'none'}`,
    );
  }
  if (candidates && allow) {
    throw new UsageError('--allow and --candidates exclude each other: either names all that may come back');
  }
}

async function runRecommend(args: Arguments, terminal: Terminal): Promise<void> {
  checkCombination(args);
  const inFolder = (path: string) => resolve(terminal.directory, path);
  const folder = inFolder(args.model);
  await expectRecommender('MODEL', folder);
  const model = await loadRecommender(folder, { engine: await createEngine('wasm') });
  try {
    const info = await readItemInfoOf(folder, model.itemIds);
    const selection = selectionOf(args, groupsOf(args, model, info));
    const question = { top: args.top, candidates: args.candidates, selection, info };
    const lost = unknownOf(model, args.candidates ?? []);
    warnOfUnknown(model, args, terminal);
    if (args.sessions !== undefined) {
      if (!model.popularItems()) terminal.stderr.write(`${NO_POPULARITY}\n`);
      await recommendSessions(model, inFolder(args.sessions), question, terminal.stdout.raw);
    } else {
      const unknown = skipUnknown(model, args, terminal);
      const popular = unknown.length === args.session?.length ? model.popularItems() : undefined;
      const items = popular ? answerWith(popular, question) : recommend(model, args.session ?? [], question);
      const reason = items.length === 0 ? whyEmpty(model, args) : undefined;
      if (reason !== undefined) terminal.stderr.write(`No item is left: ${reason}\n`);
      const optional = {
        ...(popular ? { fallback: 'popular' } : {}),
        ...(reason === undefined ? {} : { reason }),
      };
      const answer = { session: args.session, items, unknown, ...optional };
      const json = args.candidates ? { ...answer, unknownCandidates: lost } : answer;
      if (args.json) terminal.stdout.writeJson(json);
      else terminal.stdout.write(`${formatItems(items)}\n`);
    }
  } finally {
    model.dispose();
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

function whyEmpty(model: Recommender, { candidates, allow, deny, excludeSeen }: Arguments): string {
  const [option, named] = candidates ? ['--candidates', candidates] : ['--allow', allow];
  if (named && unknownOf(model, named).length === named.length) {
    return `the model knows no item of ${option}`;
  }
  const from = named ? `all items of ${option}` : `all ${count(model.itemIds.length, 'item')} of the model`;
  const by = [...(deny ? ['--deny'] : []), ...(excludeSeen ? ['--exclude-seen'] : [])];
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

function selectionOf(
  { allow, deny, excludeSeen, maxPerGroup }: Arguments,
  groups: ReadonlyMap<string, string> | undefined,
): Question['selection'] {
  return {
    excludeSeen,
    ...(allow ? { allow } : {}),
    ...(deny ? { deny } : {}),
    ...(groups !== undefined && maxPerGroup !== undefined ? { groups, maxPerGroup } : {}),
  };
}

const NO_POPULARITY =
  'The model records no recent clicks, as imported models, so sessions without a known item get nothing';

function skipUnknown(model: Recommender, { session = [] }: Arguments, terminal: Terminal): string[] {
  const unknown = unknownOf(model, session);
  if (unknown.length === session.length) {
    const found = `The model knows no item of the session: ${unknown.map(printable).join(', ')}`;
    if (!model.popularItems()) throw new Error(`${found}. ${NO_POPULARITY}`);
    terminal.stderr.write(`${found}. These are its items with the most recent clicks\n`);
    return unknown;
  }
  if (unknown.length > 0)
    terminal.stderr.write(`Unknown to the model, skipped: ${unknown.map(printable).join(', ')}\n`);
  return unknown;
}

function recommend(model: Recommender, session: readonly string[], question: Question): NamedItem[] {
  const visit = model.startSession();
  for (const itemId of session) visit.click(itemId);
  return answerWith(visit, question);
}

const TITLE_CHARACTERS = 60;

function formatItems(items: readonly NamedItem[]): string {
  const grouped = items.some(({ group }) => group !== undefined);
  const titled = items.some(({ title }) => title !== undefined);
  const head = ['', 'item', 'score', ...(titled ? ['title'] : []), ...(grouped ? ['group'] : [])];
  const rows = items.map(({ itemId, score, title, group }, index) => [
    ...[index + 1, printable(itemId), score.toFixed(4)],
    ...(titled ? [printableStart(title ?? '', TITLE_CHARACTERS)] : []),
    ...(grouped ? [printable(group ?? '')] : []),
  ]);
  return plainTable(head, rows, [1, 3, 4]);
}
