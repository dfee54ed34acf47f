import { type Gru4Rec, parseConfig, train } from '@gru4rec/model';
import { RandomStream } from '@gru4rec/random';
import {
  type ComparisonRow,
  type Contestant,
  type ContestOptions,
  measureContest,
  measureEach,
} from '../contest.ts';
import { createChosenEngine } from '../engine-choice.ts';
import { summarize, whole } from '../measure.ts';
import { lastEvent, numbersOf, peerEntrants } from '../peers/peers.ts';

const LIST = 20;
/** Calls, of which the first tenth warms up; sessions at once, and how often all of them click. */
const [CALLS, SESSIONS, ROUNDS] = [400, 32, 40];

const peerSize = { items: 100_000, units: 100 };
const sizes = [peerSize, { items: 1_000_000, units: 32 }, { items: 1_000_000, units: 100 }];

/** A click of a new session with its list, on one thread, first beside the peer; then 32 sessions at once, on two threads. */
export function measureRecommendations(options: ContestOptions): Promise<ComparisonRow[]> {
  const single = sizes.map((size) => ({ size, threads: 1, name: `${named(size)}, top ${LIST}, one thread` }));
  const size = { items: 1_000_000, units: 32 };
  const name = `${SESSIONS} sessions at once, ${named(size)}, top ${LIST}, two threads`;
  return measureEach([...single, { size, threads: 2, name }], options.only, async (row) => {
    const engine = { ...options.engine, threads: row.threads };
    const measured = { ...options, engine };
    const model = await untrained(row.size, engine);
    const contest = { suite: 'recommend', name: row.name } as const;
    try {
      if (row.threads === 2) {
        const goal = { ...contest, unit: 'answers/s', better: 'more', bound: 3000 } as const;
        return await measureContest(goal, [answering(model)], measured);
      }
      const [bound, entrants] = row.size === peerSize ? [1, peers()] : [undefined, []];
      const goal = { ...contest, unit: 'ms', better: 'less', bound } as const;
      return await measureContest(goal, [recommending(model), ...entrants], measured);
    } finally {
      model.dispose();
    }
  });
}

function named({ items, units }: typeof peerSize): string {
  return `${whole(items)} items, ${units} units`;
}

function untrained({ items, units }: typeof peerSize, engine: ContestOptions['engine']): Promise<Gru4Rec> {
  const sessions = { sessionOffsets: Int32Array.of(0, 2, 4), items: Int32Array.of(0, 1, 2, 3) };
  const data = {
    itemIds: Array.from({ length: items }, (_, item) => String(item)),
    support: new Int32Array(items).fill(1),
    train: { ...sessions, sessionStartTimes: Float64Array.of(0, 1) },
  };
  const config = parseConfig({ layers: [units], nSample: 0, batchSize: 2, nEpochs: 1, seed: 1 });
  return train(data, config, { engine: createChosenEngine(engine) });
}

function recommending(model: Gru4Rec): Contestant {
  const random = new RandomStream(1, 'benchmark.recommend');
  const take = async () => {
    const milliseconds: number[] = [];
    let recommended = 0;
    for (let call = 0; call < CALLS; call++) {
      const item = String(random.nextBelow(model.itemIds.length));
      const start = performance.now();
      const visit = model.startSession();
      visit.click(item);
      recommended = visit.top(LIST).length;
      milliseconds.push(performance.now() - start);
    }
    return { value: summarize(milliseconds.slice(CALLS / 10)).median, correctness: { recommended } };
  };
  return { name: 'ours', take };
}

function answering(model: Gru4Rec): Contestant {
  const random = new RandomStream(1, 'benchmark.answers');
  const sessions = model.sessions({ slots: SESSIONS });
  const ids = Array.from({ length: SESSIONS }, (_, session) => `session ${session}`);
  const click = (session: string) => ({ session, item: String(random.nextBelow(model.itemIds.length)) });
  const take = async () => {
    let recommended = 0;
    const start = performance.now();
    for (let round = 0; round < ROUNDS; round++) {
      sessions.click(ids.map(click));
      recommended = sessions.topOfEach(ids, LIST).flat().length;
    }
    const seconds = (performance.now() - start) / 1000;
    return { value: (ROUNDS * SESSIONS) / seconds, correctness: { recommended } };
  };
  return { name: 'ours', take };
}

function peers() {
  const { items, units } = peerSize;
  const task = { task: 'recommend', items, config: { layers: [units] }, calls: CALLS };
  return peerEntrants({ peer: 'cornac', runner: 'cornac_gru4rec', threads: [1] }, task, (lines) => ({
    value: summarize(lastEvent(lines, 'latencies')['milliseconds'] as number[]).median,
    correctness: numbersOf(lastEvent(lines, 'done'), ['recommended']),
  }));
}
