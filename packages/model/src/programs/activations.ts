import type { Graph, Tensor } from '@gru4rec/program';

/** A kind of element-wise activation. */
interface ActivationKind {
  /** Its constants in the order of their spelling: name and symbol in messages. */
  readonly constants: Readonly<Record<string, string>>;
  /** @param constants - in the same order. */
  readonly append: (g: Graph, x: Tensor, ...constants: number[]) => Tensor;
}

/** The activations by the first word of their spelling. */
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

/** An activation with the values of its constants by name. */
export interface Activation {
  readonly kind: keyof typeof activations;
  readonly constants: Readonly<Record<string, number>>;
}

/** Allowed spellings, for messages. */
export const activationSpellings: string = Object.entries(activations)
  .map(([name, { constants }]) =>
    [name, ...Object.values(constants).map((symbol) => `<${symbol}>`)].join('-'),
  )
  .join(', ');

/**
 * Reads the reference's spelling: `elu-0.5`, `selu-1.05-1.67`, `tanh`.
 * @throws RangeError listing the allowed spellings.
 */
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

/** Appends the activation of `x`. */
export function activate(graph: Graph, x: Tensor, { kind, constants }: Activation): Tensor {
  return activations[kind].append(graph, x, ...Object.values(constants));
}
