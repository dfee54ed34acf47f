import type { Graph, Tensor } from '@gru4rec/program';

interface ActivationKind {
  /** Its constants in the order of their spelling: name and symbol in messages. */
  readonly constants: Readonly<Record<string, string>>;
  readonly append: (g: Graph, x: Tensor, ...constants: number[]) => Tensor;
}

export const activations = {
  linear: { constants: {}, append: (_g, x) => x } as ActivationKind,
  relu: { constants: {}, append: (g, x) => g.relu(x) } as ActivationKind,
  tanh: { constants: {}, append: (g, x) => g.tanh(x) } as ActivationKind,
  sigmoid: { constants: {}, append: (g, x) => g.sigmoid(x) } as ActivationKind,
  leaky: { constants: { alpha: 'α' }, append: (g, x, alpha) => g.leakyRelu(x, alpha) } as ActivationKind,
  elu: { constants: { alpha: 'α' }, append: (g, x, alpha) => g.elu(x, alpha) } as ActivationKind,
  selu: {
    constants: { lambda: 'λ', alpha: 'α' },
    append: (g, x, lambda, alpha) => g.affine(g.elu(x, alpha), lambda, 0),
  } as ActivationKind,
};

export interface Activation {
  readonly kind: keyof typeof activations;
  readonly constants: Readonly<Record<string, number>>;
}

export const activationSpellings: string = Object.entries(activations)
  .map(([name, { constants }]) =>
    [name, ...Object.values(constants).map((symbol) => `<${symbol}>`)].join('-'),
  )
  .join(', ');

/** Reads the reference's spelling: `elu-0.5`, `selu-1.05-1.67`, `tanh`. */
export function parseActivation(text: string): Activation {
  const [word = '', ...rest] = text.split('-');
  if (Object.hasOwn(activations, word)) {
    const kind = word as Activation['kind'];
    const names = Object.keys(activations[kind].constants);
    const right = rest.every((part) => part.trim() !== '' && Number.isFinite(Number(part)));
    if (right && rest.length === names.length) {
      return { kind, constants: Object.fromEntries(names.map((name, i) => [name, Number(rest[i])])) };
    }
  }
  throw new RangeError(`activation expected one of ${activationSpellings}, got "${text}"`);
}

export function activate(graph: Graph, x: Tensor, { kind, constants }: Activation): Tensor {
  return activations[kind].append(graph, x, ...Object.values(constants));
}
