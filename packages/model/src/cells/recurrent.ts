import type { Graph, Tensor } from '@gru4rec/program';
import { activate } from '../programs/activations.ts';
import { type Cell, gate } from './cell.ts';

/** Simple recurrent unit: h' = act(xWh + hUh + bh)                              (Elman 1990, Cognitive Science 14) */
export const rnn: Cell = {
  gates: ['h'],
  recurrent: ['Uh'],
  biases: ['bh'],
  states: ['h'],
  forward: (graph, inputs) => [activate(graph, gate(graph, inputs, 'h'), inputs.hiddenAct)],
};

/** (1 − z)∘h + z∘n, written h + z∘(n − h). */
function mix(graph: Graph, state: Tensor, z: Tensor, candidate: Tensor): Tensor {
  return graph.add(state, graph.multiply(z, graph.subtract(candidate, state)));
}

/**
 * Gated recurrent unit as in GRU4Rec: r, z = σ(xW + hU + b), n = act(xWn + (r∘h)Un + bn),
 * h' = (1 − z)∘h + z∘n                       (Hidasi 2016, arXiv:1511.06939, eq. 1–4; z weighs the candidate)
 */
export const gruResetBefore: Cell = {
  gates: ['r', 'z', 'n'],
  recurrent: ['Ur', 'Uz', 'Un'],
  biases: ['br', 'bz', 'bn'],
  states: ['h'],
  forward(graph, inputs) {
    const { project, parameter } = inputs;
    const h = inputs.state('h');
    const r = graph.sigmoid(gate(graph, inputs, 'r'));
    const z = graph.sigmoid(gate(graph, inputs, 'z'));
    const recurrent = graph.matmul(graph.multiply(r, h), parameter('Un'));
    const sum = graph.add(graph.add(project('Wn'), recurrent), parameter('bn'));
    return [mix(graph, h, z, activate(graph, sum, inputs.hiddenAct))];
  },
};

/**
 * The cuDNN, Keras and PyTorch variant with two biases: n = act(xWn + bn + r∘(hUn + cn)), and cr, cz add to the other gates
 * (each bias has its own optimiser state). Their update gate z is 1 − z of this file.
 */
export const gruResetAfter: Cell = {
  gates: ['r', 'z', 'n'],
  recurrent: ['Ur', 'Uz', 'Un'],
  biases: ['br', 'bz', 'bn', 'cr', 'cz', 'cn'],
  states: ['h'],
  forward(graph, inputs) {
    const { project, parameter } = inputs;
    const h = inputs.state('h');
    const r = graph.sigmoid(graph.add(gate(graph, inputs, 'r'), parameter('cr')));
    const z = graph.sigmoid(graph.add(gate(graph, inputs, 'z'), parameter('cz')));
    const recurrent = graph.add(graph.matmul(h, parameter('Un')), parameter('cn'));
    const input = graph.add(project('Wn'), parameter('bn'));
    const candidate = activate(graph, graph.add(input, graph.multiply(r, recurrent)), inputs.hiddenAct);
    return [mix(graph, h, z, candidate)];
  },
};

/**
 * Long short-term memory with a forget gate, without peepholes: i, f, o = σ(xW + hU + b), g = act(xWg + hUg + bg),
 * c' = f∘c + i∘g, h' = o∘act(c')              (Hochreiter 1997, Neural Computation 9; Gers 2000 for the forget gate)
 */
export const lstm: Cell = {
  gates: ['i', 'f', 'g', 'o'],
  recurrent: ['Ui', 'Uf', 'Ug', 'Uo'],
  biases: ['bi', 'bf', 'bg', 'bo'],
  states: ['h', 'c'],
  forward(graph, inputs) {
    const i = graph.sigmoid(gate(graph, inputs, 'i'));
    const f = graph.sigmoid(gate(graph, inputs, 'f'));
    const g = activate(graph, gate(graph, inputs, 'g'), inputs.hiddenAct);
    const o = graph.sigmoid(gate(graph, inputs, 'o'));
    const c = graph.add(graph.multiply(f, inputs.state('c')), graph.multiply(i, g));
    return [graph.multiply(o, activate(graph, c, inputs.hiddenAct)), c];
  },
};
