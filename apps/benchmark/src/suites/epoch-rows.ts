import { atLeastTimes, type Goal } from '../contest.ts';
import { type EngineChoice, instructionSetOf } from '../engine-choice.ts';
import type { PeerName } from '../peers/peers.ts';
import { hyperParameters } from '../workload.ts';

/** A training run to measure: sizes, configuration, and peer. */
export interface EpochRow {
  readonly name: string;
  readonly items: number;
  /** Number of clicks in the log. */
  readonly events: number;
  readonly config: Readonly<Record<string, unknown>>;
  readonly peer: PeerName;
  readonly goals: Goals;
}

/** The smallest ratios to the best peer that reach the goals of a row. */
interface Goals {
  readonly wasm?: number;
  /** Replaces `wasm` if ours runs without relaxed SIMD. */
  readonly plain?: number;
  /** On TensorFlow's CPU runtime. */
  readonly tensorflow?: number;
  /** With native kernels of any instruction set. */
  readonly native?: number;
  /** Replaces `native` with kernels for AVX2. */
  readonly avx2?: number;
}

/** The goal of a row on an engine. */
export function goalOf({ goals }: EpochRow, choice: EngineChoice): Goal | undefined {
  const bound = boundOf(goals, choice);
  return bound === undefined ? undefined : atLeastTimes(bound);
}

function boundOf(goals: Goals, choice: EngineChoice): number | undefined {
  if (choice.name === 'tensorflow') return goals.tensorflow;
  if (choice.name === 'cuda') return undefined;
  if (choice.kernels === undefined) {
    return choice.relaxed === false ? (goals.plain ?? goals.wasm) : goals.wasm;
  }
  return instructionSetOf(choice.kernels) === 'avx2' ? (goals.avx2 ?? goals.native) : goals.native;
}

const ITEMS = 27_000;

/** Like the peers, ours uses PyTorch's cell and shuffles sessions. */
const common = {
  gru: 'reset-after',
  sessionOrder: 'shuffled',
  nEpochs: 1,
  seed: 1,
  momentum: 0.2,
  learningRate: 0.05,
};
const crossEntropy = { ...common, ...hyperParameters['cross-entropy'], loss: 'cross-entropy' };
const bprMax = { ...common, ...hyperParameters['bpr-max'], loss: 'bpr-max' };

function sampled(
  name: string,
  config: Readonly<Record<string, unknown>>,
  goals: Goals,
  items = ITEMS,
): EpochRow {
  return { name, items, events: 80_000, config, peer: 'cornac', goals };
}

interface SmallSizes {
  readonly units: number;
  readonly items: number;
  readonly batchSize: number;
  readonly nSample?: number;
}

function small({ units, items, batchSize, nSample = 2048 }: SmallSizes, goals: Goals): EpochRow {
  const config = { ...crossEntropy, layers: [units], batchSize, nSample };
  const sizes = `${units} units, batch ${batchSize}, ${nSample} samples, ${items.toLocaleString('en-US')} items`;
  return sampled(`small: cross-entropy, ${sizes}`, config, goals, items);
}

/** Small models of the goals for native kernels: every combination of these sizes. */
const smallGrid = [16, 64].flatMap((units) =>
  [1_000, 5_000].flatMap((items) => [32, 512].map((batchSize) => ({ units, items, batchSize }))),
);

/** The training runs to compare. */
export const epochRows: readonly EpochRow[] = [
  sampled(
    'cross-entropy, 100 units, batch 32, 2,048 samples',
    { ...crossEntropy, layers: [100], batchSize: 32, nSample: 2048 },
    { wasm: 5.4, plain: 4, tensorflow: 3, native: 7, avx2: 6 },
  ),
  sampled(
    'BPR-max, 224 units, batch 80, 2,048 samples',
    { ...bprMax, layers: [224], batchSize: 80, nSample: 2048 },
    { wasm: 1.75, plain: 1.35, tensorflow: 1.2, native: 4, avx2: 3 },
  ),
  sampled(
    'cross-entropy, 512 units, batch 128, 2,048 samples',
    { ...crossEntropy, layers: [512], batchSize: 128, nSample: 2048 },
    { wasm: 1, native: 2.5 },
  ),
  sampled(
    'in-batch only: cross-entropy, 100 units, batch 32, 0 samples',
    { ...crossEntropy, layers: [100], batchSize: 32, nSample: 0 },
    { wasm: 10, native: 10 },
  ),
  small({ units: 32, items: 3_000, batchSize: 32 }, { wasm: 5 }),
  small({ units: 32, items: 3_000, batchSize: 512 }, { wasm: 5 }),
  small({ units: 32, items: 3_000, batchSize: 32, nSample: 0 }, { wasm: 5 }),
  small({ units: 32, items: 3_000, batchSize: 512, nSample: 0 }, { wasm: 5 }),
  small({ units: 16, items: 3_000, batchSize: 32 }, { wasm: 5 }),
  small({ units: 64, items: 3_000, batchSize: 128 }, { wasm: 5 }),
  ...smallGrid.map((sizes) => small(sizes, { native: 8 })),
  {
    name: 'all items: cross-entropy, 64 units, batch 512, 3,000 items',
    items: 3_000,
    events: 80_000,
    config: {
      ...common,
      loss: 'cross-entropy',
      layers: [64],
      batchSize: 512,
      nSample: 'all',
      optimizer: 'adam',
      learningRate: 0.001,
      momentum: 0,
    },
    peer: 'recbole',
    goals: {},
  },
];
