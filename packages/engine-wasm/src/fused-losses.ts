import { type Attributes, inputOf, type Node, outputOf, type Program } from '@gru4rec/program';
import type { Buffer } from './kernel-call.ts';
import type { Layout } from './layout.ts';
import type { ProgramLowering } from './lowering.ts';

interface FusedLoss {
  readonly inputs: number;
  readonly supports: (attributes: Attributes) => boolean;
  readonly lower: (lowering: ProgramLowering, node: Node) => void;
}

/** At the forward node, which also defines the gradient's memory; at the gradient node if nothing reads the value. */
function pairLowering(
  emit: (lowering: ProgramLowering, node: Node, gradient: Layout, perSlot: Layout) => void,
): (lowering: ProgramLowering, node: Node) => void {
  return (lowering, node) => {
    const { nodes } = lowering.program;
    const backward = node.region?.name.endsWith('.gradient') === true;
    if (backward && nodes.some((forward) => gradientOf(nodes, forward) === node)) return;
    const scores = inputOf(node);
    const twin = backward ? node : gradientOf(nodes, node);
    const gradient = twin ? lowering.allocate(outputOf(twin)) : lowering.scratch(scores);
    const perSlot = lowering.scratch({ dtype: 'f32', rows: 1, cols: scores.cols });
    emit(lowering, node, gradient, perSlot);
    if (backward) return;
    const out = lowering.allocate(outputOf(node));
    const { stride, cols } = perSlot;
    lowering.call('SUM_COLS', { x: perSlot, stride, rows: 1, cols, out });
  };
}

function gradientOf(nodes: readonly Node[], forward: Node): Node | undefined {
  const name = `${forward.region?.name}.gradient`;
  const constants = Object.entries(forward.attributes);
  return nodes.find(
    (node) =>
      node.region?.name === name &&
      forward.inputs.every((t, i) => node.inputs[i]?.id === t.id) &&
      constants.every(([key, value]) => node.attributes[key] === value),
  );
}

/** Memory that the shares of a loss exchange: the targets' scores, and the sums of each share. */
function handOver(
  lowering: ProgramLowering,
  kernel: 'CROSS_ENTROPY_EXPONENTIALS' | 'BPR_MAX_ACTIVATE',
  stride: number,
): { targets: Buffer; parts: Buffer } {
  return { parts: lowering.shares(kernel, { stride }), targets: lowering.temporary(stride) };
}

function extentsOf({ stride, rows, cols }: Layout): { stride: number; n: number; slots: number } {
  return { stride, n: rows, slots: cols };
}

const lowerCrossEntropy = pairLowering((lowering, node, gradient, perSlot) => {
  const inputs = node.inputs.map((t) => lowering.dense(t)) as [Layout, Layout, Layout, Layout];
  const [scores, weight, live, correction] = inputs;
  const handed = handOver(lowering, 'CROSS_ENTROPY_EXPONENTIALS', scores.stride);
  const [batchSize, smoothing] = [Number(node.attributes.batchSize), Number(node.attributes.smoothing)];
  const common = { ...extentsOf(scores), weight, gradient, ...handed };
  lowering.call(
    'CROSS_ENTROPY_EXPONENTIALS',
    { ...common, scores, correction, withSum: smoothing > 0 },
    { inPlace: [gradient.buffer, scores.buffer] },
  );
  lowering.call('CROSS_ENTROPY_GRADIENT', { ...common, live, batchSize, smoothing, perSlot });
});

const lowerBprMax = pairLowering((lowering, node, gradient, perSlot) => {
  const [scores, weight, live] = node.inputs.map((t) => lowering.dense(t)) as [Layout, Layout, Layout];
  const handed = handOver(lowering, 'BPR_MAX_ACTIVATE', scores.stride);
  const { activation, alpha, bpreg, batchSize } = node.attributes;
  const common = { ...extentsOf(scores), weight, ...handed };
  const finalAct = { elu: activation === 'elu', alpha: Number(alpha ?? 0) };
  lowering.call(
    'BPR_MAX_ACTIVATE',
    { ...common, scores, ...finalAct, gradient },
    { inPlace: [gradient.buffer, scores.buffer] },
  );
  lowering.call('BPR_MAX_MOMENTS', { ...common, activation: gradient });
  const constants = { bpreg: Number(bpreg), batchSize: Number(batchSize) };
  lowering.call('BPR_MAX_GRADIENT', { ...common, live, ...finalAct, ...constants, gradient, perSlot });
});

export const fusedLosses: Readonly<Record<string, FusedLoss>> = {
  'cross-entropy': { inputs: 4, supports: () => true, lower: lowerCrossEntropy },
  'bpr-max': {
    inputs: 3,
    supports: ({ activation }) => activation === 'elu' || activation === 'linear',
    lower: lowerBprMax,
  },
};

/** Losses of more than one slot with a kernel, and no gradient or only that of the scores, for the constant cotangent 1. */
export function fusedNodes(program: Program): ReadonlySet<Node> {
  const ones = new Set<number>();
  for (const node of program.nodes) {
    if (node.op === 'constant' && node.attributes.value === 1) for (const o of node.outputs) ones.add(o.id);
  }
  const fused = new Set<Node>();
  for (const node of program.nodes) {
    const loss = node.region && fusedLosses[node.region.name];
    if (!loss?.supports(node.attributes) || node.inputs.length !== loss.inputs) continue;
    // The scores of a single slot are dense, and the kernels read whole vectors.
    if (node.inputs[0]?.cols === 1) continue;
    const twin = gradientOf(program.nodes, node);
    const byScores = node.inputs.map((_, i) => (i === 0 ? '1' : '0')).join('');
    const cotangent = twin?.inputs.at(-1);
    if (twin && (twin.attributes.by !== byScores || !cotangent || !ones.has(cotangent.id))) continue;
    fused.add(node);
    if (twin) fused.add(twin);
  }
  return fused;
}
