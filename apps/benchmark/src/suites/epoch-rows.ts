import type { Goal } from '../comparison.ts';
import type { EngineChoice } from '../engine-choice.ts';
import type { PeerName } from '../peers/peers.ts';

/** A training run to measure: sizes, configuration, and peer. */
export interface EpochRow {
  readonly name: string;
  readonly items: number;
  /** Number of clicks in the log. */
  readonly events: number;
  readonly config: Readonly<Record<string, unknown>>;
  readonly peer: PeerName;
  /** Options for the peer that replace ours, where its options differ. */
  readonly peerConfig?: Readonly<Record<string, unknown>>;
  readonly goal?: Goal;
  /** Replaces `goal` if ours runs without relaxed SIMD. */
  readonly goalWithoutRelaxed?: Goal;
  /** The goal on TensorFlow's CPU runtime. */
  readonly goalOnTensorFlow?: Goal;
}

/** The goal of a row on an engine. */
export function goalOf(row: EpochRow, { name, relaxed }: EngineChoice): Goal | undefined {
  if (name === 'tensorflow') return row.goalOnTensorFlow;
  if (name === 'cuda') return undefined;
  return relaxed === false ? (row.goalWithoutRelaxed ?? row.goal) : row.goal;
}

const ITEMS = 27_000;
const atLeast = (bound: number, text = `≥ ${bound}×`): Goal => ({ bound, text });

/** Like the peers, ours uses PyTorch's cell and shuffles sessions. */
const common = {
  gru: 'reset-after',
  sessionOrder: 'shuffled',
  nEpochs: 1,
  seed: 1,
  momentum: 0.2,
  learningRate: 0.05,
};
const crossEntropy = { ...common, loss: 'cross-entropy', sampleAlpha: 0.5, dropoutPHidden: 0.4, logq: 1 };
const bprMax = {
  ...common,
  loss: 'bpr-max',
  sampleAlpha: 0.4,
  dropoutPEmbed: 0.5,
  dropoutPHidden: 0.05,
  finalAct: 'elu-0.5',
  bpreg: 1.95,
};

function sampled(
  name: string,
  config: Readonly<Record<string, unknown>>,
  others: Partial<Pick<EpochRow, 'items' | 'goal' | 'goalWithoutRelaxed' | 'goalOnTensorFlow'>> = {},
): EpochRow {
  return { name, items: ITEMS, events: 80_000, config, peer: 'cornac', ...others };
}

function small(units: number, batchSize: number, nSample: number): EpochRow {
  const config = { ...crossEntropy, layers: [units], batchSize, nSample };
  const name = `small: cross-entropy, ${units} units, batch ${batchSize}, ${nSample} samples, 3,000 items`;
  return sampled(name, config, { items: 3_000, goal: atLeast(5) });
}

/** The training runs to compare. */
export const epochRows: readonly EpochRow[] = [
  sampled(
    'cross-entropy, 100 units, batch 32, 2,048 samples',
    { ...crossEntropy, layers: [100], batchSize: 32, nSample: 2048 },
    { goal: atLeast(5.4), goalWithoutRelaxed: atLeast(4), goalOnTensorFlow: atLeast(3) },
  ),
  sampled(
    'BPR-max, 224 units, batch 80, 2,048 samples',
    { ...bprMax, layers: [224], batchSize: 80, nSample: 2048 },
    { goal: atLeast(1.75), goalWithoutRelaxed: atLeast(1.35), goalOnTensorFlow: atLeast(1.2) },
  ),
  sampled(
    'cross-entropy, 512 units, batch 128, 2,048 samples',
    { ...crossEntropy, layers: [512], batchSize: 128, nSample: 2048 },
    { goal: atLeast(1, 'at least even') },
  ),
  sampled(
    'in-batch only: cross-entropy, 100 units, batch 32, 0 samples',
    { ...crossEntropy, layers: [100], batchSize: 32, nSample: 0 },
    { goal: atLeast(10) },
  ),
  small(32, 32, 2048),
  small(32, 512, 2048),
  small(32, 32, 0),
  small(32, 512, 0),
  small(16, 32, 2048),
  small(64, 128, 2048),
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
  },
];
