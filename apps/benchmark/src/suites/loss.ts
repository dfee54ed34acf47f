import { createWasmEngine } from '@gru4rec/engine-wasm';
import { bprMax, crossEntropy, parseActivation, type StepConfig } from '@gru4rec/model';
import { type Graph, type Program, ProgramBuilder, type Tensor } from '@gru4rec/program';
import { RandomStream } from '@gru4rec/random';
import { duel, type Summary, summarize, type Work } from '../measure.ts';

const PER_WINDOW = 50;

function lossOf(graph: Graph, config: StepConfig, scores: Tensor, weight: Tensor, live: Tensor): Tensor {
  const inputs = { scores, weight, live };
  if (config.loss === 'cross-entropy') return crossEntropy(graph, inputs, config);
  return bprMax(graph, inputs, { ...config, finalAct: parseActivation(config.finalAct) });
}

/** A loss and its gradient by scores [B + S, B]; the gradient is summed, so that it is computed. */
function lossProgram(config: StepConfig): Program {
  const { batchSize, nSample } = config;
  const b = new ProgramBuilder('loss');
  const scores = b.variable('scores', 'parameter', batchSize + nSample, batchSize);
  const weight = b.constant(1, batchSize + nSample, 1);
  const loss = lossOf(b, config, scores, weight, b.constant(1, 1, batchSize));
  const gradient = b.gradients(loss).get('scores');
  if (gradient?.kind !== 'dense') throw new RangeError('lossProgram: expected a dense gradient');
  b.output('loss', loss);
  b.output('gradient', b.sum(b.sum(gradient.tensor, 0), 1));
  return b.build();
}

/** Microseconds of loss and gradient with a kernel and composed of primitive ops, in turn. */
export function measureLoss(
  config: StepConfig,
  options: { readonly seconds: number; readonly rounds: number },
): { fused: Summary; composed: Summary } {
  const program = lossProgram(config);
  const works = [true, false].map((fuse): Work => {
    const runtime = createWasmEngine({ fuse }).load([program]);
    const random = new RandomStream(1, 'benchmark.scores');
    const length = (config.batchSize + config.nSample) * config.batchSize;
    runtime.write(
      'scores',
      Float32Array.from({ length }, () => 4 * random.nextFloat() - 2),
    );
    return (times) => {
      for (let i = 0; i < times; i++) runtime.run('loss', {});
    };
  });
  for (const work of works) work(PER_WINDOW);
  const { rates } = duel(works as [Work, Work], {
    perWindow: PER_WINDOW,
    rounds: options.rounds,
    seconds: options.seconds / 4,
  });
  const [fused, composed] = rates.map(perCall) as [Summary, Summary];
  return { fused, composed };
}

function perCall({ median, min, max, samples }: Summary): Summary {
  const [low, middle, high] = [max, median, min].map((rate) => 1e6 / rate) as [number, number, number];
  return { ...summarize([low, middle, high]), samples };
}
