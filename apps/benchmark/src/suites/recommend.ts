import { type Gru4Rec, parseConfig, train } from '@gru4rec/model';
import { RandomStream } from '@gru4rec/random';
import {
  type ComparisonRow,
  type Contestant,
  type ContestOptions,
  type Entrant,
  measureContest,
  measureEach,
} from '../contest.ts';
import { createChosenEngine } from '../engine-choice.ts';
import { whole } from '../figures.ts';
import { summarize } from '../measure.ts';
import { peerOnThreads } from '../peers/contestants.ts';
import { lastEvent, numbersOf, type PeerEvent } from '../peers/events.ts';

const ITEMS = 100_000;
const UNITS = 100;
const LIST = 20;
const CALLS = 400;
const NAME = '100,000 items, 100 units, top 20, one thread';

/** Sizes of tables whose answers take turns with a bare read of as many bytes as the table has elements. */
const readSizes = [
  { items: ITEMS, units: UNITS },
  { items: 1_000_000, units: 32 },
  { items: 1_000_000, units: 100 },
];

/** Most times a bare read that an answer may take, by kind of kernels. */
const MOST_READS = { native: 1.4, wasm: 2 };

/** The answers of many sessions at once. */
const batch = { items: 1_000_000, units: 32, sessions: 32, threads: 2, rounds: 40 };

/**
 * Measures one click of a new session with its recommendations, on one thread, next to the peer and next to a bare read
 * of the int8 copy's bytes; then the answers of 32 sessions at once, on two threads.
 */
export async function measureRecommendations(options: ContestOptions): Promise<ComparisonRow[]> {
  const single = { ...options, engine: { ...options.engine, threads: 1 } };
  const several = { ...options, engine: { ...options.engine, threads: batch.threads } };
  const rows = [
    { name: NAME, measure: (name: string) => besidePeers(name, single) },
    ...readSizes.map((size) => ({
      name: `${whole(size.items)} items, ${size.units} units, top 20, beside a bare read`,
      measure: (name: string) => besideBareRead(name, size, single),
    })),
    {
      name: '32 sessions at once, 1,000,000 items, 32 units, top 20, two threads',
      measure: (name: string) => answersAtOnce(name, several),
    },
  ];
  return measureEach(rows, options.only, ({ name, measure }) => measure(name));
}

const inMilliseconds = { suite: 'recommend', unit: 'ms', better: 'less' } as const;

function besidePeers(name: string, options: ContestOptions): Promise<ComparisonRow> {
  const goal = { bound: 1, text: '≤ 1 ms' };
  const contest = { ...inMilliseconds, name, goal, goalOf: 'figure' } as const;
  return withModel({ items: ITEMS, units: UNITS }, options, (model) =>
    measureContest(contest, [recommending(model, ITEMS), ...peers(options)], options),
  );
}

function besideBareRead(
  name: string,
  { items, units }: { readonly items: number; readonly units: number },
  options: ContestOptions,
): Promise<ComparisonRow> {
  const most = MOST_READS[options.engine.kernels === undefined ? 'wasm' : 'native'];
  const goal = { bound: 1 / most, text: `≤ ${most} × a bare read` };
  const read = new BareRead(items * units);
  const contest = { ...inMilliseconds, name, goal };
  return withModel({ items, units }, options, (model) =>
    measureContest(contest, [recommending(model, items, read), read.contestant()], options),
  );
}

/** A search for a byte that the memory does not contain, which the C library does at the pace of the memory. */
class BareRead {
  readonly #bytes: Buffer;
  #milliseconds: number[] = [];

  constructor(bytes: number) {
    this.#bytes = Buffer.alloc(bytes, 1);
  }

  read(): void {
    const start = performance.now();
    if (this.#bytes.includes(2)) throw new Error('bare read: found a byte that it did not write');
    this.#milliseconds.push(performance.now() - start);
  }

  /** Reports the reads between the calls of the turn before, so that both find the caches alike. */
  contestant(): Contestant {
    const take = async () => {
      const value = summarize(this.#milliseconds).median;
      this.#milliseconds = [];
      return { value, correctness: { bytes: this.#bytes.length } };
    };
    return { name: 'bare read', take };
  }
}

function answersAtOnce(name: string, options: ContestOptions): Promise<ComparisonRow> {
  const goal = { bound: 3000, text: '≥ 3,000' };
  const contest = { suite: 'recommend', name, unit: 'answers/s', better: 'more', goal } as const;
  return withModel(batch, options, (model) =>
    measureContest({ ...contest, goalOf: 'figure' }, [answering(model)], options),
  );
}

/** Clicks of all sessions, and then their lists. */
function answering(model: Gru4Rec): Contestant {
  const random = new RandomStream(1, 'benchmark.answers');
  const sessions = model.sessions({ slots: batch.sessions });
  const ids = Array.from({ length: batch.sessions }, (_, session) => `session ${session}`);
  const take = async () => {
    let recommended = 0;
    const start = performance.now();
    for (let round = 0; round < batch.rounds; round++) {
      sessions.click(ids.map((session) => ({ session, item: String(random.nextBelow(batch.items)) })));
      recommended = sessions.topOfEach(ids, LIST).flat().length;
    }
    const seconds = (performance.now() - start) / 1000;
    return { value: (batch.rounds * batch.sessions) / seconds, correctness: { recommended } };
  };
  return { name: 'ours', take };
}

async function withModel<Result>(
  { items, units }: { readonly items: number; readonly units: number },
  { engine }: ContestOptions,
  use: (model: Gru4Rec) => Promise<Result>,
): Promise<Result> {
  const config = parseConfig({ layers: [units], nSample: 0, batchSize: 2, nEpochs: 1, seed: 1 });
  const model = await train(untrained(items), config, { engine: createChosenEngine(engine) });
  try {
    return await use(model);
  } finally {
    model.dispose();
  }
}

/** An untrained model. Two sessions are enough to create it. */
function untrained(items: number) {
  return {
    itemIds: Array.from({ length: items }, (_, item) => String(item)),
    support: new Int32Array(items).fill(1),
    train: {
      sessionOffsets: Int32Array.of(0, 2, 4),
      items: Int32Array.of(0, 1, 2, 3),
      sessionStartTimes: Float64Array.of(0, 1),
    },
  };
}

/** @param read - takes turns with the calls. */
function recommending(model: Gru4Rec, items: number, read?: BareRead): Contestant {
  const random = new RandomStream(1, 'benchmark.recommend');
  const take = async () => {
    const milliseconds: number[] = [];
    let recommended = 0;
    for (let call = 0; call < CALLS; call++) {
      const item = String(random.nextBelow(items));
      if (call >= CALLS / 10) read?.read();
      const start = performance.now();
      const visit = model.startSession();
      visit.click(item);
      recommended = visit.top(LIST).length;
      if (call >= CALLS / 10) milliseconds.push(performance.now() - start);
    }
    return { value: summarize(milliseconds).median, correctness: { recommended } };
  };
  return { name: 'ours', take };
}

function peers({ peerDirectory }: ContestOptions): readonly Entrant[] {
  const task = { task: 'recommend', items: ITEMS, config: { layers: [UNITS] }, calls: CALLS };
  const turnOf = (lines: readonly PeerEvent[]) => ({
    value: summarize(lastEvent(lines, 'latencies')['milliseconds'] as number[]).median,
    correctness: numbersOf(lastEvent(lines, 'done'), ['recommended']),
  });
  return peerOnThreads(peerDirectory, 'cornac', task, turnOf, [1]);
}
