import { activate } from '../programs/activations.ts';
import { type Cell, gate } from './cell.ts';

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
