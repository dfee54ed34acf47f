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
