import type { Graph, Tensor } from '@gru4rec/program';

/** An element-wise activation with its constants. */
export type Activation =
  | { readonly kind: 'linear' | 'relu' | 'tanh' | 'sigmoid' }
  | { readonly kind: 'leaky' | 'elu'; readonly alpha: number }
  | { readonly kind: 'selu'; readonly lambda: number; readonly alpha: number };

/** Allowed spellings, for messages. */
export const activationSpellings = 'linear, relu, tanh, sigmoid, leaky-<α>, elu-<α>, selu-<λ>-<α>';

/**
 * Reads the reference's spelling: `elu-0.5`, `selu-1.05-1.67`, `tanh`.
 * @throws RangeError listing the allowed spellings.
 */
export function parseActivation(text: string): Activation {
  const [kind, ...rest] = text.split('-');
  const constants = rest.map(Number);
  const wrong = rest.some((part, i) => part.trim() === '' || !Number.isFinite(constants[i]));
  const [first, second] = constants;
  if (!wrong) {
    const plain = kind === 'linear' || kind === 'relu' || kind === 'tanh' || kind === 'sigmoid';
    if (plain && first === undefined) return { kind };
    if ((kind === 'leaky' || kind === 'elu') && first !== undefined && second === undefined) {
      return { kind, alpha: first };
    }
    if (kind === 'selu' && first !== undefined && second !== undefined && constants.length === 2) {
      return { kind, lambda: first, alpha: second };
    }
  }
  throw new RangeError(`activation expected one of ${activationSpellings}, got "${text}"`);
}

/** Appends the activation of `x`. */
export function activate(graph: Graph, x: Tensor, activation: Activation): Tensor {
  switch (activation.kind) {
    case 'linear':
      return x;
    case 'relu':
      return graph.relu(x);
    case 'tanh':
      return graph.tanh(x);
    case 'sigmoid':
      return graph.sigmoid(x);
    case 'leaky':
      return graph.leakyRelu(x, activation.alpha);
    case 'elu':
      return graph.elu(x, activation.alpha);
    case 'selu':
      return graph.affine(graph.elu(x, activation.alpha), activation.lambda, 0);
  }
}
