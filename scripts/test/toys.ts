/** A step of a recipe of ARCHITECTURE.md: a new file beside a registry, and its line there, whose last word with `toy` is its export. */
export interface Toy {
  readonly file: string;
  readonly text: string;
  /** The registry, the start of the declaration in it that gets the line, and the line. */
  readonly registry: string;
  readonly declaration: string;
  readonly line: string;
}

export const loss: Toy = {
  file: 'packages/model/src/losses/toy.ts',
  text: `import { type Loss, pairwiseLoss } from './loss.ts';

/** L_b = Σ_n weight_n σ(s_n − d), as the region \`toy\`. */
export const toy: Loss = pairwiseLoss({
  name: 'toy',
  perSlot: (g, { s, d, weight }) => g.sum(g.multiply(g.sigmoid(g.subtract(s, d)), weight), 0),
});
`,
  registry: 'packages/model/src/losses/registry.ts',
  declaration: 'export const losses = ',
  line: 'toy: toy as Loss,',
};

export const cell: Toy = {
  file: 'packages/model/src/cells/toy.ts',
  text: `import { activate } from '../programs/activations.ts';
import { type Cell, gate } from './cell.ts';

/** h' = (h + act(xWh + hUh + bh)) / 2 */
export const toy: Cell = {
  gates: ['h'],
  recurrent: ['Uh'],
  biases: ['bh'],
  states: ['h'],
  forward(graph, inputs) {
    const next = activate(graph, gate(graph, inputs, 'h'), inputs.hiddenAct);
    return [graph.affine(graph.add(inputs.state('h'), next), 1 / 2, 0)];
  },
};
`,
  registry: 'packages/model/src/cells/registry.ts',
  declaration: 'export const cells = ',
  line: 'toy: toy as Cell,',
};

export const optimizer: Toy = {
  file: 'packages/program/src/optimizers/toy.ts',
  text: `import { createOptimizer, type DescentOptions, type Optimizer } from './optimizer.ts';

/** d = g / 2. */
export function toy({ momentum = 0, weightDecay = 0 }: DescentOptions): Optimizer {
  return createOptimizer({
    name: 'toy',
    momentum,
    weightDecay,
    constants: {},
    slots: [],
    scalars: [],
    adapt: (g, gradient, { learningRate }) => ({
      scaled: g.affine(g.multiply(gradient, learningRate), 1 / 2, 0),
      next: {},
    }),
  });
}
`,
  registry: 'packages/program/src/optimizers/registry.ts',
  declaration: 'export const optimizers = ',
  line: 'toy: { create: toy } as OptimizerKind,',
};

/** Half the recall of one relevant item. */
export const metric: Toy = {
  file: 'packages/metrics/src/metrics/toy.ts',
  text: `import type { Metric } from './metric.ts';

/** 1 / 2 if the first relevant item is among the first k. */
export const toy: Metric = { label: 'Toy', of: (ranks, cutoff) => (ranks[0] <= cutoff ? 1 / 2 : 0) };
`,
  registry: 'packages/metrics/src/metrics/registry.ts',
  declaration: 'export const metrics = ',
  line: 'toy: toy as Metric,',
};

/** POP under another name. */
export const baseline: Toy = {
  file: 'packages/baselines/src/toy.ts',
  text: `import type { BaselineKind } from './baseline-kind.ts';
import { popKind } from './pop.ts';

export const toyKind: BaselineKind = { ...popKind, title: 'Toy' };
`,
  registry: 'packages/baselines/src/registry.ts',
  declaration: 'export const baselineKinds = ',
  line: 'toy: toyKind as BaselineKind,',
};

export const part: Toy = {
  file: 'packages/model/src/parts/toy.ts',
  text: `import type { SparsePart } from './part.ts';

/** The item of the last click gets a value. */
export const toyPart: SparsePart = {
  widths: () => ({ places: 0, plain: 1, scaled: 0 }),
  rivals: 1,
  open() {
    const items = new Int32Array(1);
    return {
      length: 1,
      items,
      features: Float64Array.of(1),
      read(session) {
        items.set(session.items.subarray(0, 1));
        return session.items[0] < 0 ? 0 : 1;
      },
    };
  },
};
`,
  registry: 'packages/model/src/parts/registry.ts',
  declaration: 'export const sparseParts = ',
  line: 'toy: toyPart as SparsePart,',
};

export const chart: Toy = {
  file: 'packages/report/src/html/toy-section.ts',
  text: `import { intervalChart } from '../charts/model-charts.ts';
import { chartGrid, type Section, section } from './page.ts';

export const toySection: Section = (ranked) =>
  section('toy', 'Toy', chartGrid([intervalChart(ranked, 'recall', 'toy-chart')]));
`,
  registry: 'packages/report/src/html/sections.ts',
  declaration: 'const sections',
  line: 'toySection,',
};

/** x², which is \`multiply\` of x with itself in every engine. */
export const op: Toy = {
  file: 'packages/program/src/ops/toy.ts',
  text: `import { type OpDefinition, sameShape } from './definition.ts';

/** x². */
export const toy: OpDefinition = {
  infer: (inputs) => sameShape('toy', inputs),
  gradient: (graph, { inputs: [x] }, dy) => [x && graph.affine(graph.multiply(dy, x), 2, 0)],
};
`,
  registry: 'packages/program/src/ops/registry.ts',
  declaration: 'export const ops = ',
  line: 'toy: toy as OpDefinition,',
};

/** What the type checker asks for once the op has its line. */
export const opElsewhere: readonly Toy[] = [
  {
    file: 'packages/program/src/interpreter/toy.ts',
    text: `import type { Kernel } from './kernels.ts';

export const toy: Kernel = (out, [x]) => {
  for (let i = 0; i < out.data.length; i++) out.data[i] = x.data[i] ** 2;
};
`,
    registry: 'packages/program/src/interpreter/kernels.ts',
    declaration: 'export const kernels',
    line: 'toy,',
  },
  {
    file: 'packages/engine-tensorflow/src/ops/toy.ts',
    text: `import { float, type OpLowering } from './lowering.ts';

export const toy: OpLowering = (graph, _node, [x = '']) => float(graph, 'Mul', [x, x]);
`,
    registry: 'packages/engine-tensorflow/src/ops/registry.ts',
    declaration: 'export const lowerings',
    line: 'toy,',
  },
  {
    file: 'packages/engine-wasm/src/lower-toy.ts',
    text: `import type { Node, Tensor } from '@gru4rec/program';
import { byRows } from './layout.ts';
import type { ProgramLowering } from './lowering.ts';

export function lowerToy(lowering: ProgramLowering, node: Node): void {
  const x = lowering.dense(node.inputs[0] as Tensor);
  const out = lowering.allocate(node.outputs[0] as Tensor);
  const [a, b] = [byRows(x), byRows(x)];
  const { rows, stride } = out;
  lowering.call('BINARY_RUN', { op: 'MULTIPLY', a, oneA: false, b, oneB: false, out, rows, stride });
}
`,
    registry: 'packages/engine-wasm/src/lower-node.ts',
    declaration: 'const lowerings',
    line: 'toy: lowerToy,',
  },
  {
    file: 'packages/test-support/src/conformance/cases/toy.ts',
    text: `import { shapes } from '../trial.ts';
import type { OpCase } from './activations.ts';

export const toy: OpCase = (trial) => {
  for (const { rows, cols } of shapes) {
    trial.check(\`[\${rows}, \${cols}]\`, trial.builder.apply('toy', [trial.uniform(rows, cols)]));
  }
};
`,
    registry: 'packages/test-support/src/conformance/cases/registry.ts',
    declaration: 'export const opCases',
    line: 'toy,',
  },
];
