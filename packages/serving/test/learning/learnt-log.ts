import { appendFileSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createWasmEngine } from '@gru4rec/engine-wasm';
import { type Gru4Rec, loadModel, parseConfig, train } from '@gru4rec/model';
import { RandomStream } from '@gru4rec/random';
import { endsOfLog } from '../../src/event-log/day-file.ts';
import type { LogPlaces } from '../../src/event-log/log-lines.ts';
import { LogLearner, type LogLearnerOptions } from '../../src/learning/log-learner.ts';

/** Of all learners of a test. */
export const engine = createWasmEngine({ threads: 1 });

/** The day of the log. */
export const DAY = '2026-05-01';
const NOON = Date.UTC(2026, 4, 1, 12);
const ITEMS = 30;

/** Sessions that walk from item to item in a circle. @returns per session the items' numbers. */
export function walks(count: number, seed: number, length = 5, step = 1): number[][] {
  const random = new RandomStream(seed, 'test.walks');
  return Array.from({ length: count }, () => {
    const start = random.nextBelow(ITEMS);
    return Array.from({ length }, (_, at) => (start + step * at) % ITEMS);
  });
}

/** Items `i0`, `i1` and so on, and sessions of them, to train a model on. */
export function shopOf(itemCount: number, sessions: readonly (readonly number[])[]) {
  const items = Int32Array.from(sessions.flat());
  const support = new Int32Array(itemCount);
  for (const item of items) support[item] = (support[item] ?? 0) + 1;
  let end = 0;
  const sessionOffsets = Int32Array.from([0, ...sessions.map(({ length }) => (end += length))]);
  const sessionStartTimes = Float64Array.from(sessions, (_, at) => at);
  const itemIds = Array.from(support, (_, item) => `i${item}`);
  return { itemIds, support, train: { sessionOffsets, items, sessionStartTimes } };
}

/** Trains a model of walks, whose clicks have types and devices, and saves it. */
export async function saveWalker(directory: string, values: object = {}): Promise<void> {
  const sessions = walks(400, 1);
  const { train: clicks, ...rest } = shopOf(ITEMS, sessions);
  const context = Int32Array.from({ length: 2 * clicks.items.length }, (_, at) => (at % 3) % 2);
  const data = {
    ...{ ...rest, train: { ...clicks, context } },
    contextColumns: [
      { name: 'Type', values: ['view', 'cart'], isType: true },
      { name: 'device', values: ['phone', 'desk'] },
    ],
  };
  const config = {
    ...{ layers: [12], batchSize: 16, nSample: 8, nEpochs: 8, learningRate: 0.2, dropoutPHidden: 0.1 },
    ...values,
  };
  await (await train(data, parseConfig(config), { engine })).save(directory);
}

/** A line of an event log. @param timeMs - since 1970. */
export function clickLine(session: string, item: string, timeMs: number = NOON): string {
  return `${JSON.stringify({ SessionId: session, ItemId: item, Time: new Date(timeMs).toISOString(), Model: 'm' })}\n`;
}

/** Lines of sessions in turn, four at a time. @param name - begins the ids of the sessions. */
export function linesOf(sessions: readonly (readonly number[])[], name: string, startMs = 0): string[] {
  const lines: string[] = [];
  for (let first = 0; first < sessions.length; first += 4) {
    const group = sessions.slice(first, first + 4);
    for (let at = 0; at < Math.max(...group.map(({ length }) => length)); at++) {
      for (const [place, session] of group.entries()) {
        const item = session[at];
        if (item === undefined) continue;
        lines.push(
          clickLine(
            `${name}${first + place}`,
            item < 0 ? `new${-item}` : `i${item}`,
            NOON + startMs + 50 * lines.length,
          ),
        );
      }
    }
  }
  return lines;
}

/** A log in a folder. */
export class Log {
  readonly directory: string;
  readonly file: string;

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.directory = directory;
    this.file = join(directory, `${DAY}.jsonl`);
    appendFileSync(this.file, '');
  }

  get bytes(): number {
    return statSync(this.file).size;
  }

  get end(): LogPlaces {
    return new Map([[DAY, this.bytes]]);
  }

  append(lines: readonly string[]): void {
    appendFileSync(this.file, lines.join(''));
  }
}

export const settings = { sessionPairs: 50, sessionItem: 1, itemShare: 0.2, newItems: 1000 };

/** Opens a learner of a log, from its beginning. */
export function openLearnerOf(
  log: Pick<Log, 'directory'>,
  options: Pick<LogLearnerOptions, 'directory' | 'output'> & Partial<LogLearnerOptions>,
): Promise<LogLearner> {
  return LogLearner.open({
    ...{ engine, events: log.directory, from: new Map([[DAY, 0]]), guardShare: 0.05 },
    ...{ settings, ...options },
  });
}

/** What a folder has learnt, to the bit. */
export async function learntIn(
  output: string,
): Promise<Pick<Gru4Rec, 'tensors' | 'recentClicks'> & { readonly ids: string[] }> {
  const { tensors, recentClicks, itemIds } = await loadModel(output, { engine });
  return { tensors, ids: itemIds.slice(), ...(recentClicks && { recentClicks }) };
}

/** What a server with a model learns of a log, in one go. */
export async function learntAtOnce(
  events: string,
  options: Pick<LogLearnerOptions, 'directory' | 'output' | 'settings'>,
) {
  const to = await endsOfLog(events);
  const learner = await openLearnerOf({ directory: events }, { ...options, from: to });
  await learner.take({ to, save: true });
  learner.close();
  return learntIn(options.output);
}

/** A new log in a folder, and where a learner of it saves. */
export function placesIn(folder: string): { readonly log: Log; readonly output: string } {
  return { log: new Log(join(folder, 'events')), output: join(folder, 'learnt') };
}
