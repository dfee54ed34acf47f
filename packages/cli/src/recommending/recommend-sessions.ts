import { isUtf8 } from 'node:buffer';
import { once } from 'node:events';
import { show } from '@gru4rec/checks';
import type { ItemInfoTable } from '@gru4rec/dataset/items';
import type { LiveSessions, Ranking, Recommendation, ScoredItems, Selection } from '@gru4rec/model';
import type { Recommender } from '@gru4rec/recommender';
import { openInput } from '../arguments/read-inputs.ts';
import { idOf } from '../arguments/values.ts';
import type { RawOutput } from '../terminal/terminal.ts';

const BATCH = 256;

/** Memory holds one batch. Without a known item, popular ones if the model records them; a line without items has a reason. */
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

export interface Question {
  readonly top: number | undefined;
  readonly candidates: readonly string[] | undefined;
  readonly selection: Selection & { readonly groups?: ReadonlyMap<string, string> };
  readonly info?: ItemInfoTable | undefined;
}

export interface Answers {
  top(n: number, selection: Selection): Recommendation[];
  rank(itemIds: Iterable<string>, selection: Selection): Ranking;
}

export interface NamedItem extends Recommendation {
  readonly title?: string;
  readonly group?: string;
}

export function answerWith(answers: Answers, { top, candidates, selection, info }: Question): NamedItem[] {
  const items = candidates
    ? answers.rank(candidates, selection).items.slice(0, top)
    : answers.top(top ?? 20, selection);
  return items.map((item) => {
    const known = info?.get(item.itemId);
    const group = selection.groups ? selection.groups.get(item.itemId) : known?.group;
    return {
      ...item,
      ...(known?.title === undefined ? {} : { title: known.title }),
      ...(group === undefined ? {} : { group }),
    };
  });
}

export interface SessionLine {
  readonly session: string;
  readonly items: readonly string[];
  readonly line: number;
}

/** Maximum bytes of a line. Longer lines are refused, so that they do not fill the memory. */
const MAX_LINE_BYTES = 64 << 20;
const LF = 10;

/** JSON Lines `{"session": "id", "items": ["…"]}`; an id may be an integer. Blank lines and other keys are ignored. */
export async function* readSessionLines(file: string): AsyncGenerator<SessionLine> {
  let line = 0;
  for await (const bytes of readLines(file)) {
    line++;
    const at = `${file}:${line}`;
    // trim also removes a byte order mark.
    const text = decode(bytes, at).trim();
    if (text !== '') yield { ...parseSession(text, at), line };
  }
}

async function* readLines(file: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  let length = 0;
  try {
    const handle = await openInput(file);
    // Closes the handle at the end, or when the reader stops.
    for await (const chunk of handle.createReadStream()) {
      const bytes = chunk as Buffer;
      let start = 0;
      for (let end = bytes.indexOf(LF); end !== -1; end = bytes.indexOf(LF, start)) {
        yield Buffer.concat([...rest, bytes.subarray(start, end)]);
        [rest, length, start] = [[], 0, end + 1];
      }
      rest.push(bytes.subarray(start));
      length += bytes.length - start;
      if (length > MAX_LINE_BYTES) throw new Error(`a line has more than ${MAX_LINE_BYTES >> 20} MiB`);
    }
  } catch (cause) {
    throw new Error(`The sessions ${file} cannot be read`, { cause });
  }
  yield Buffer.concat(rest);
}

/** Invalid bytes would be decoded as replacement characters, which would change ids. */
function decode(bytes: Buffer, at: string): string {
  if (!isUtf8(bytes)) throw new Error(`${at}: expected UTF-8, got invalid bytes`);
  return bytes.toString('utf8');
}

function parseSession(text: string, at: string): { session: string; items: readonly string[] } {
  const { session, items } = (parseJson(text, at) ?? {}) as { session?: unknown; items?: unknown };
  const name = idOf(session);
  if (name === undefined) {
    throw new Error(`${at}: "session" expected a string or a whole number, got ${show(session)}`);
  }
  const ids = Array.isArray(items) ? items.map(idOf) : [undefined];
  if (!ids.every((id) => id !== undefined)) {
    throw new Error(`${at}: "items" expected a list of texts or whole numbers, got ${show(items)}`);
  }
  return { session: name, items: ids };
}

function parseJson(text: string, at: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${at}: expected a line of JSON`, { cause });
  }
}
